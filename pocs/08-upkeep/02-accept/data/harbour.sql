CREATE TABLE berths (id INTEGER PRIMARY KEY, length REAL);
CREATE TABLE boats (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, berth_id INTEGER REFERENCES berths (id));
INSERT INTO berths VALUES (1, 8.5), (2, 12.0), (3, 12.0);
INSERT INTO boats (name, berth_id) VALUES ('Heron', 1), ('Kestrel', 2), ('Curlew', NULL);
