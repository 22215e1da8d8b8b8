CREATE TABLE shelves (id INTEGER PRIMARY KEY, item TEXT, weight INTEGER);
INSERT INTO shelves VALUES (1, 'rice', 500), (2, 'salt', 250);
