import pytest

from app import shop

HANDLES = ["alice", "bob", "carol", "dave", "erin", "frank"]


@pytest.mark.parametrize("handle", HANDLES)
def test_greeting_names_the_customer(store, handle):
    assert shop.customer(store, handle)["name"].split()[0].lower() == handle


@pytest.mark.parametrize("handle", HANDLES)
def test_every_customer_has_a_tier(store, handle):
    assert shop.customer(store, handle)["tier"] in ("basic", "silver", "gold")


@pytest.mark.parametrize("handle", HANDLES)
def test_every_id_is_random(store, handle):
    assert shop.customer(store, handle)["id"][14] == "4"


def test_carol_is_found_by_her_id(store):
    row = store.row("select * from customers where id = ?", "a9a01980-10a6-473d-b964-34f6cc5f22a8")
    assert row["name"] == "Carol Cook"


def test_nobody_has_an_unknown_handle(store):
    assert shop.customer(store, "nobody") is None


def test_gold_customers_are_counted(store):
    assert store.value("select count(*) from customers where tier = 'gold'") == 2


def test_alice_can_be_renamed(store, alice):
    store.run("update customers set name = 'Alice Abbot' where id = ?", alice["id"])
    assert shop.customer(store, "alice")["name"] == "Alice Abbot"


def test_alice_has_two_addresses(store, alice):
    assert len(store.rows("select * from addresses where customer_id = ?", alice["id"])) == 2


def test_an_address_is_printed(store):
    row = store.row("select * from addresses where id = 3")
    assert f"{row['street']}, {row['city']}" == "High Street 9, Leeds"


def test_a_new_customer_is_found(store):
    store.insert("customers", id="0" * 36, handle="new", name="Nell New", tier="basic")
    assert shop.customer(store, "new")["name"] == "Nell New"


def test_a_customer_in_use_is_not_deleted(store):
    # Both her orders and her addresses keep her.
    with pytest.raises(store.Refused):
        store.run("delete from customers where handle = 'alice'")


def test_a_country_has_a_name(store):
    assert shop.country_name(store, "DE") == "Germany"


def test_an_unknown_country_has_none(store):
    with pytest.raises(LookupError):
        shop.country_name(store, "XX")
