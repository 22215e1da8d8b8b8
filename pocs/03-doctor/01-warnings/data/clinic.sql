CREATE TABLE patients (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, seen_at TEXT);
CREATE TABLE visits (id INTEGER PRIMARY KEY, patient_id INTEGER REFERENCES patients (id), reason TEXT);
CREATE TABLE notes (text TEXT);
CREATE TABLE audit (id INTEGER PRIMARY KEY, what TEXT);
CREATE TABLE schema_migrations (version TEXT PRIMARY KEY NOT NULL);
INSERT INTO patients (name) VALUES
    ('Ann'), ('Ben'), ('Cleo'), ('Dan'), ('Eve'), ('Fay'), ('Gus'), ('Hal'), ('Ida'), ('Jon');
INSERT INTO visits VALUES (1, 1, 'cough'), (2, 3, 'fever');
INSERT INTO notes VALUES ('call back'), ('call back');
INSERT INTO schema_migrations VALUES ('20260101000000');
