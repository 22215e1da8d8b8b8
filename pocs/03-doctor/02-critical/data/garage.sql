CREATE TABLE cars (plate TEXT PRIMARY KEY NOT NULL, colour TEXT);
INSERT INTO cars VALUES ('AB-12', 'red'), ('CD-34', 'blue');
