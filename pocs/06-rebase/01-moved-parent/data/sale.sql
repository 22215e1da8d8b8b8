UPDATE articles SET price = 10.0 WHERE id = 1;
UPDATE articles SET price = NULL WHERE id = 2;
DELETE FROM articles WHERE id = 4;
INSERT INTO articles VALUES (5, 'egg timer', 9.0, 3);
DELETE FROM labels WHERE rowid IN (2, 3);
