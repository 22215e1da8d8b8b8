import pytest

from app import fixtures, shop

pytestmark = pytest.mark.usefixtures("signed_in")


def test_the_total_of_an_order(store):
    assert shop.total(store, 1001) == 3500


def test_an_order_has_a_status(store):
    assert store.value("select status from orders where id = 1005") == "refunded"


def test_orders_of_alice(store, alice):
    orders = store.rows("select id from orders where customer_id = ? order by id", alice["id"])
    assert [order["id"] for order in orders] == [1001, 1002]


def test_an_order_is_placed(store, alice):
    shop.place_order(store, alice["id"], 101)
    assert store.value("select count(*) from order_lines where order_id = 5000") == 1


def test_an_order_without_lines_costs_nothing(store):
    assert shop.total(store, 4711) is None


def test_open_orders_have_lines(store):
    open_orders = store.rows("select id from orders where status = 'open'")
    assert len(open_orders) == 2
    for order in open_orders:
        assert store.row("select * from order_lines where order_id = ?", order["id"])


def test_the_invoice_is_of_an_order(store):
    invoice = fixtures.document("invoice")
    owner = store.value("select customer_id from orders where id = ?", invoice["order"])
    assert owner == invoice["customer"]


def test_the_sum_of_the_invoice():
    assert fixtures.document("invoice")["sum"] == 3500


def test_the_refund_is_of_a_line(store):
    refund = fixtures.document("refund")
    line = store.row("select * from order_lines where id = ?", refund["line"])
    assert line["order_id"] == refund["order"]


def test_the_profile_is_of_a_customer(store):
    profile = fixtures.document("profile")
    name = store.value("select name from customers where id = ?", profile["customer"])
    assert name == profile["name"]


def test_the_revenue_of_paid_orders(store):
    paid = store.rows("select id from orders where status = 'paid'")
    assert sum(shop.total(store, order["id"]) for order in paid) == 7100


def test_the_best_customer(store):
    sql = "select name from customers join orders on customer_id = customers.id group by name order by count(*) desc, name"
    assert store.value(sql) == "Alice Archer"
