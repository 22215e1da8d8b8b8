CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR NOT NULL, tier VARCHAR, credit DECIMAL(10,2), settings JSON, active BOOLEAN, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, customer_id INTEGER NOT NULL REFERENCES customers (id), due DATE, note TEXT, scan BLOB);
CREATE TABLE schema_migrations (version VARCHAR NOT NULL PRIMARY KEY);
INSERT INTO customers (id, name, created_at, updated_at) VALUES (77, 'already here', '2020-01-01', '2020-01-01');
