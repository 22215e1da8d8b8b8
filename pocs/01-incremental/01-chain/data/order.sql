INSERT INTO orders (customer_id, placed_at) VALUES (1, '2026-03-01T12:00:00Z');
INSERT INTO order_lines VALUES (1, 'MUG', 4), (1, 'POT', 1), (1, 'TRAY', 1);
UPDATE products SET stock = stock - 4 WHERE sku = 'MUG';
DELETE FROM products WHERE sku = 'KETTLE';
