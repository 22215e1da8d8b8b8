CREATE TABLE plans (code TEXT PRIMARY KEY NOT NULL, price INTEGER NOT NULL);
CREATE TABLE accounts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    email      TEXT NOT NULL,
    plan       TEXT REFERENCES plans (code),
    balance    REAL NOT NULL DEFAULT 0,
    last_login TEXT
);
CREATE TABLE roles (account_id INTEGER NOT NULL, role TEXT NOT NULL, UNIQUE (account_id, role));
CREATE TABLE events (message TEXT, severity INTEGER);
INSERT INTO plans VALUES ('free', 0), ('team', 900);
INSERT INTO accounts (email, plan, balance, last_login) VALUES
    ('ada@example.com', 'team', 12.5, '2026-01-01T00:00:00Z'),
    ('grace@example.com', 'free', 0, NULL),
    ('alan@example.com', NULL, -3, '2026-01-02T00:00:00Z');
INSERT INTO roles VALUES (1, 'admin'), (1, 'member'), (2, 'member');
INSERT INTO events VALUES ('started', 1), ('retried', 2), ('retried', 2), ('retried', 2);
