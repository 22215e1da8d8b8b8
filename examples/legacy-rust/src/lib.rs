//! The shop under test: what it does with its database, without a word about fixtures.

use fixpoints::rusqlite::{Connection, OptionalExtension, Result, params};

/// Who is signed in.
#[derive(Debug, PartialEq, Eq)]
pub struct Member {
    pub id: String,
    pub account: String,
    pub role: String,
}

/// Signs somebody in by handle; an account that is gone has no members.
pub fn sign_in(db: &Connection, handle: &str) -> Result<Member> {
    db.query_row(
        "SELECT users.id, accounts.name, role FROM users JOIN accounts ON accounts.id = account_id WHERE handle = ?",
        [handle],
        |row| {
            Ok(Member {
                id: row.get(0)?,
                account: row.get(1)?,
                role: row.get(2)?,
            })
        },
    )
}

/// The price of a product in cents, in the currency of the shop.
pub fn price(db: &Connection, product: &str) -> Result<i64> {
    db.query_row("SELECT cents FROM products WHERE id = ?", [product], |row| row.get(0))
}

/// The price in another currency. A shop that does not know the currency takes the one of its settings.
pub fn price_in(db: &Connection, cents: i64, currency: &str) -> Result<i64> {
    let rate: i64 = db.query_row(
        "SELECT cents_per_euro FROM currencies WHERE code = ?",
        [currency],
        |row| row.get(0),
    )?;
    Ok(cents * rate / 100)
}

/// The price with tax.
pub fn with_tax(db: &Connection, cents: i64, country: &str) -> Result<i64> {
    let percent: i64 = db.query_row(
        "SELECT percent FROM tax_rates WHERE country = ?",
        [country],
        |row| row.get(0),
    )?;
    Ok(cents * (100 + percent) / 100)
}

/// Opens an order.
pub fn open_order(db: &Connection, user: &str) -> Result<String> {
    let id = "0d9f8b1c-0000-4000-8000-0000000000ff";
    db.execute("INSERT INTO orders VALUES (?, ?, 'open')", [id, user])?;
    Ok(id.to_owned())
}

/// Puts a product into an order, at a price that was agreed on.
pub fn add_line(db: &Connection, order: &str, product: &str, pieces: i64, cents: i64) -> Result<()> {
    db.execute(
        "INSERT INTO order_lines (order_id, product_id, pieces, cents) VALUES (?, ?, ?, ?)",
        params![order, product, pieces, cents],
    )?;
    Ok(())
}

/// What an order costs.
pub fn total(db: &Connection, order: &str) -> Result<i64> {
    db.query_row(
        "SELECT coalesce(sum(cents), 0) FROM order_lines WHERE order_id = ?",
        [order],
        |row| row.get(0),
    )
}

/// Takes a payment.
pub fn pay(db: &Connection, order: &str, cents: i64) -> Result<()> {
    db.execute(
        "INSERT INTO payments (order_id, cents, state) VALUES (?, ?, 'settled')",
        params![order, cents],
    )?;
    Ok(())
}

/// Prints an invoice under the next number.
pub fn print_invoice(db: &Connection, order: &str, cents: i64) -> Result<i64> {
    let number: i64 = db.query_row(
        "SELECT coalesce(max(number), 0) + 1 FROM invoices",
        [],
        |row| row.get(0),
    )?;
    db.execute("INSERT INTO ledger VALUES (?, 'invoice')", [number])?;
    db.execute("INSERT INTO invoices VALUES (?, ?, ?)", params![number, order, cents])?;
    Ok(number)
}

/// Sends something off.
pub fn ship(db: &Connection, carrier: i64, code: &str) -> Result<()> {
    db.execute("INSERT INTO shipments (carrier_id, code) VALUES (?, ?)", params![carrier, code])?;
    Ok(())
}

/// A welcome, by mail where there is a text for it, else by SMS.
pub fn welcome(db: &Connection, name: &str) -> Result<String> {
    let text = |table: &str| {
        let query = format!("SELECT body FROM {table} WHERE name = 'welcome'");
        db.query_row(&query, [], |row| row.get::<_, String>(0)).optional()
    };
    let body = match text("email_templates")? {
        Some(body) => body,
        None => match text("sms_templates")? {
            Some(body) => body,
            None => return Err(fixpoints::rusqlite::Error::QueryReturnedNoRows),
        },
    };
    Ok(body.replace("{name}", name))
}

/// Whether there is anything to decorate the shop with.
pub fn is_decorated(db: &Connection) -> Result<bool> {
    let settings: i64 = db.query_row("SELECT count(*) FROM settings", [], |row| row.get(0))?;
    let themes: i64 = db.query_row("SELECT count(*) FROM themes", [], |row| row.get(0))?;
    Ok(settings + themes > 0)
}

/// Pieces of a product in all warehouses.
pub fn pieces(db: &Connection, product: &str) -> Result<i64> {
    db.query_row(
        "SELECT coalesce(sum(pieces), 0) FROM stock WHERE product_id = ?",
        [product],
        |row| row.get(0),
    )
}

/// Redeems a coupon, and returns its percentage.
pub fn redeem(db: &Connection, code: &str) -> Result<i64> {
    db.query_row(
        "UPDATE coupons SET used = 1 WHERE code = ? AND used = 0 RETURNING percent",
        [code],
        |row| row.get(0),
    )
}

/// Brings the schema to its newest version.
pub fn migrate(db: &Connection) -> Result<()> {
    db.execute_batch(include_str!("../migrations/0002_regions.sql"))
}
