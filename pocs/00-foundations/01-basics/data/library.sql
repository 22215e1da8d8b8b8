CREATE TABLE authors (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
CREATE TABLE books (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    author_id  INTEGER NOT NULL REFERENCES authors (id),
    title      TEXT NOT NULL,
    price      REAL,
    updated_at TEXT
);
INSERT INTO authors (id, name) VALUES (1, 'Ursula K. Le Guin'), (2, 'Stanisław Lem');
INSERT INTO books (author_id, title, price, updated_at) VALUES
    (1, 'The Dispossessed', 9.5, '2026-01-05T08:00:00Z'),
    (2, 'Solaris', 7.25, '2026-01-06T08:00:00Z'),
    (2, 'The Cyberiad', NULL, NULL);
