CREATE TABLE cages (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE animals (
    id      INTEGER PRIMARY KEY,
    cage_id INTEGER REFERENCES cages (id),
    age     INTEGER CHECK (age >= 0)
);
INSERT INTO cages VALUES (1, 'north'), (2, 'south');
INSERT INTO animals VALUES (1, 1, 4), (2, 2, 9);
