CREATE TABLE people (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    boss_id INTEGER REFERENCES people (id),
    team_id INTEGER REFERENCES teams (id)
);
CREATE TABLE teams (id INTEGER PRIMARY KEY, lead_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE);
CREATE TABLE seats (floor INTEGER, desk TEXT, person_id INTEGER REFERENCES people (id), PRIMARY KEY (floor, desk)) WITHOUT ROWID;
CREATE TABLE badges (code TEXT PRIMARY KEY, holder TEXT);
CREATE TABLE invoices (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    net   INTEGER NOT NULL,
    gross INTEGER GENERATED ALWAYS AS (net * 120 / 100) STORED,
    label TEXT AS ('no. ' || id)
);
CREATE TABLE visits (at TEXT, who TEXT);
CREATE TABLE history (id INTEGER PRIMARY KEY, what TEXT);
CREATE VIEW leads AS SELECT people.name FROM teams JOIN people ON people.id = teams.lead_id;
CREATE VIRTUAL TABLE search USING fts5 (body);
CREATE VIRTUAL TABLE words USING fts5vocab (search, row);
INSERT INTO people VALUES (1, 'Ada', NULL, NULL), (2, 'Grace', 1, NULL), (3, 'Alan', 2, NULL);
INSERT INTO teams VALUES (10, 2), (20, 3);
UPDATE people SET team_id = 10 WHERE id IN (1, 2);
UPDATE people SET team_id = 20 WHERE id = 3;
INSERT INTO seats VALUES (1, 'A', 1), (1, 'B', 2), (2, 'A', 3);
INSERT INTO badges VALUES ('K1', 'Ada'), (NULL, 'visitor'), (NULL, 'visitor');
INSERT INTO invoices (net) VALUES (100), (250);
DELETE FROM invoices WHERE net = 250;
INSERT INTO visits VALUES ('09:00', 'post'), ('09:00', 'post'), ('10:00', 'mail');
INSERT INTO search VALUES ('hello');
CREATE TRIGGER people_change AFTER UPDATE ON people BEGIN INSERT INTO history (what) VALUES ('changed ' || new.name); END;
CREATE TRIGGER people_gone BEFORE DELETE ON people BEGIN SELECT raise(ABORT, 'people are never deleted'); END;
CREATE TRIGGER people_come AFTER INSERT ON people BEGIN INSERT INTO history (what) VALUES ('hired ' || new.name); END;
