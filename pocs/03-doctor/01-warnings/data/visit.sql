PRAGMA foreign_keys = OFF;
INSERT INTO visits VALUES (3, 99, 'unknown patient');
UPDATE sqlite_sequence SET seq = 4 WHERE name = 'patients';
