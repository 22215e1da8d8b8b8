"""The shop's database: PostgreSQL where LEGACY_DATABASE_URL names one, else SQLite in memory."""

import os
import sqlite3

SCHEMA = {
    "customers": "id varchar(36) primary key, handle text unique, name text, tier text",
    "addresses": "id integer primary key, customer_id varchar(36), street text, city text, country text",
    "countries": "code text primary key, name text",
    "regions": "code text primary key, name text",
    "categories": "id integer primary key, name text, parent_id integer",
    "products": "id integer primary key, sku text unique, name text, price integer",
    "product_categories": "product_id integer, category_id integer",
    "orders": "id integer primary key, customer_id varchar(36), status text, placed_on text",
    "order_lines": "id integer primary key, order_id integer, product_id integer, quantity integer",
    "vouchers": "code text primary key, percent integer, expires_on text",
    "loyalty_levels": "tier text primary key, percent integer",
    "warehouses": "id integer primary key, name text, distance integer",
    "stock": "warehouse_id integer, product_id integer, amount integer",
    "staff": "handle text primary key, role text",
    "logins": "handle text primary key",
    "audit_log": "id integer primary key, line text",
    "feature_flags": "name text primary key, value integer",
    "archived_orders": "id integer primary key, customer text",
}

REFERENCES = [
    ("addresses", "customer_id", "customers"),
    ("product_categories", "product_id", "products"),
    ("product_categories", "category_id", "categories"),
    ("orders", "customer_id", "customers"),
    ("order_lines", "order_id", "orders"),
    ("order_lines", "product_id", "products"),
    ("stock", "warehouse_id", "warehouses"),
    ("stock", "product_id", "products"),
]


def connect():
    url = os.environ.get("LEGACY_DATABASE_URL")
    return Postgres(url) if url else Sqlite()


class Store:
    """What both databases have in common. `?` stands for a value."""

    def rows(self, sql, *values):
        cursor = self.run(sql, *values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]

    def row(self, sql, *values):
        rows = self.rows(sql, *values)
        return rows[0] if rows else None

    def value(self, sql, *values):
        row = self.row(sql, *values)
        return None if row is None else next(iter(row.values()))

    def insert(self, table, **row):
        marks = ", ".join("?" for _ in row)
        self.run(f"insert into {table} ({', '.join(row)}) values ({marks})", *row.values())

    def load(self, tables):
        """Creates every table and fills it; rows may come before what they refer to."""
        self.create()
        for table, rows in tables.items():
            for row in rows:
                self.insert(table, **row)
        # Not a fixture: every installation has this login.
        self.insert("logins", handle="root")
        self.refer()


class Sqlite(Store):
    Refused = sqlite3.IntegrityError

    def __init__(self):
        self.connection = sqlite3.connect(":memory:", isolation_level=None)

    def run(self, sql, *values):
        return self.connection.execute(sql, values)

    def create(self):
        for table, columns in SCHEMA.items():
            own = [each for each in REFERENCES if each[0] == table]
            keys = [f", foreign key ({column}) references {other}" for _, column, other in own]
            self.run(f"create table {table} ({columns}{''.join(keys)})")

    def refer(self):
        self.run("pragma foreign_keys = on")

    def close(self):
        self.connection.close()


class Postgres(Store):
    def __init__(self, url):
        import psycopg

        self.Refused = psycopg.errors.IntegrityError
        self.schema = f"legacy_{os.getpid()}"
        self.connection = psycopg.connect(url, autocommit=True)
        self.run(f"drop schema if exists {self.schema} cascade")
        self.run(f"create schema {self.schema}")
        self.run(f"set search_path to {self.schema}")

    def run(self, sql, *values):
        return self.connection.execute(sql.replace("%", "%%").replace("?", "%s"), values or None)

    def create(self):
        for table, columns in SCHEMA.items():
            self.run(f"create table {table} ({columns})")

    def refer(self):
        # Rows that are there already are not looked at.
        for table, column, other in REFERENCES:
            self.run(f"alter table {table} add foreign key ({column}) references {other} not valid")

    def close(self):
        self.run(f"drop schema {self.schema} cascade")
        self.connection.close()
