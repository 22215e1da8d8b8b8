from app import shop


def test_gold_customers_get_ten_percent(migrated):
    assert shop.customer(migrated, "alice")["percent"] == 10


def test_new_customers_get_nothing_yet(migrated):
    migrated.insert("customers", id="0" * 36, handle="new", name="Nell New", tier="basic")
    assert shop.customer(migrated, "new")["percent"] is None


def test_the_column_is_there(migrated):
    assert migrated.rows("select percent from customers where handle = 'nobody'") == []
