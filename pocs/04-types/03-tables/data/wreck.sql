UPDATE people SET name = 'x' WHERE id = 1;
UPDATE people SET name = 'Ada' WHERE id = 2;
UPDATE people SET name = 'Grace' WHERE id = 1;
INSERT INTO people VALUES (4, 'Edsger', 3, 20);
UPDATE teams SET lead_id = 4 WHERE id = 10;
DELETE FROM seats WHERE floor = 1;
INSERT INTO badges VALUES (NULL, 'visitor');
INSERT INTO invoices (net) VALUES (70);
DELETE FROM visits WHERE rowid = 1;
