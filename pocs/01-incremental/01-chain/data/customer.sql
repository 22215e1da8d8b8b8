INSERT INTO customers (email) VALUES ('ada@example.com'), ('grace@example.com');
UPDATE products SET stock = 9 WHERE sku = 'TRAY';
