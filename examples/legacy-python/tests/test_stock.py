import pytest

from app import shop

pytestmark = pytest.mark.usefixtures("signed_in")


def test_goods_are_received(store):
    # Refers to a warehouse and a product, and looks at neither.
    store.insert("stock", warehouse_id=3, product_id=106, amount=70)
    assert store.value("select amount from stock where warehouse_id = 3") == 70


def test_an_amount_is_known(store):
    assert store.value("select amount from stock where product_id = 103") == 200


def test_goods_are_sold(store):
    store.run("update stock set amount = amount - 1 where product_id = 101")
    assert store.value("select amount from stock where product_id = 101") == 4


def test_the_nearest_warehouse(store):
    assert store.value("select name from warehouses order by distance") == "north"


def test_a_new_warehouse_is_empty(store):
    store.insert("warehouses", id=9, name="shed", distance=1)
    assert store.rows("select * from stock where warehouse_id = 9") == []
