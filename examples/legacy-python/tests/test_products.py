import pytest

from app import fixtures, shop


@pytest.mark.parametrize("sku", [row["sku"] for row in fixtures.rows("products")])
def test_a_sku_is_in_capitals(sku):
    assert sku == sku.upper()


def test_a_price_in_dollars(store):
    price = store.value("select price from products where sku = 'SPADE'")
    assert shop.in_currency(price, "USD") == 2700


def test_a_rate_is_known():
    assert shop.in_currency(100, "GBP") == 85


def test_an_unknown_currency_is_refused():
    with pytest.raises(KeyError):
        shop.in_currency(100, "XXX")


def test_basil_is_a_seed(store):
    sql = "select name from product_categories join categories on category_id = id where product_id = 103"
    assert store.value(sql) == "seeds"


def test_categories_have_parents(store):
    sql = "select p.name from categories c join categories p on c.parent_id = p.id where c.name = 'tools'"
    assert store.value(sql) == "garden"


def test_a_new_product_is_found(store):
    store.insert("products", id=900, sku="POT", name="Pot", price=100)
    assert store.value("select name from products where sku = 'POT'") == "Pot"


def test_seeds_are_searched(store):
    assert len(store.rows("select * from products where name like ?", "%seeds")) == 2


@pytest.mark.parametrize("cents, text", [(5, "0.05 EUR"), (250, "2.50 EUR"), (99999, "999.99 EUR")])
def test_a_price_tag(cents, text):
    assert shop.price_tag(cents) == text
