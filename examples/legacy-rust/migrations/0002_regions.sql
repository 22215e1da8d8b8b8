-- Regions are what countries were; a shop without any cannot ship.
CREATE TABLE regions (code TEXT PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO regions SELECT lower(code), name FROM countries;
CREATE TABLE shippable (regions INTEGER CHECK (regions > 0));
INSERT INTO shippable SELECT count(*) FROM regions;
