DELETE FROM labels WHERE article = 2;
UPDATE articles SET price = 11.0, stock = 5 WHERE id = 1;
DELETE FROM articles WHERE id = 2;
UPDATE articles SET stock = 6 WHERE id = 4;
INSERT INTO articles VALUES (5, 'egg cup', 2.5, 12);
CREATE TABLE suppliers (id INTEGER PRIMARY KEY, name TEXT);
