CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT NOT NULL, plan TEXT NOT NULL);
CREATE TABLE users (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts,
    handle TEXT NOT NULL UNIQUE, role TEXT NOT NULL
);
CREATE TABLE addresses (
    id INTEGER PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users, street TEXT NOT NULL, country TEXT NOT NULL
);
CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL, parent_id INTEGER REFERENCES categories);
CREATE TABLE suppliers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE products (
    id TEXT PRIMARY KEY, category_id INTEGER NOT NULL REFERENCES categories,
    supplier_id INTEGER NOT NULL REFERENCES suppliers, name TEXT NOT NULL, cents INTEGER NOT NULL
);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY, product_id TEXT NOT NULL REFERENCES products,
    user_id TEXT NOT NULL REFERENCES users, stars INTEGER NOT NULL
);
CREATE TABLE warehouses (id INTEGER PRIMARY KEY, city TEXT NOT NULL);
CREATE TABLE stock (
    product_id TEXT NOT NULL REFERENCES products, warehouse_id INTEGER NOT NULL REFERENCES warehouses,
    pieces INTEGER NOT NULL CHECK (pieces >= 0), PRIMARY KEY (product_id, warehouse_id)
);
CREATE TABLE orders (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users, status TEXT NOT NULL
);
CREATE TABLE order_lines (
    id INTEGER PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders,
    product_id TEXT NOT NULL REFERENCES products, pieces INTEGER NOT NULL, cents INTEGER NOT NULL
);
CREATE TABLE payments (
    id INTEGER PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders, cents INTEGER NOT NULL, state TEXT NOT NULL
);
CREATE TABLE invoices (number INTEGER PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders, cents INTEGER NOT NULL);
-- Every number that was ever printed, also by the system before this one.
CREATE TABLE ledger (number INTEGER NOT NULL UNIQUE, note TEXT NOT NULL);
CREATE TABLE carriers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE shipments (
    id INTEGER PRIMARY KEY, carrier_id INTEGER NOT NULL REFERENCES carriers, code TEXT NOT NULL
);
CREATE TABLE coupons (code TEXT PRIMARY KEY, percent INTEGER NOT NULL, used INTEGER NOT NULL);
CREATE TABLE currencies (code TEXT PRIMARY KEY, cents_per_euro INTEGER NOT NULL);
CREATE TABLE tax_rates (country TEXT PRIMARY KEY, percent INTEGER NOT NULL);
CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE email_templates (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE sms_templates (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE themes (name TEXT PRIMARY KEY, colour TEXT NOT NULL);
CREATE TABLE audit_log (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users, note TEXT NOT NULL);
CREATE TABLE sessions (token TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users);
CREATE TABLE legacy_imports (id INTEGER PRIMARY KEY, file TEXT NOT NULL);
CREATE TABLE vouchers (code TEXT PRIMARY KEY, cents INTEGER NOT NULL);
