import datetime

import pytest

from app import shop

pytestmark = pytest.mark.usefixtures("signed_in")


def test_a_voucher_has_a_discount(store):
    assert shop.discount(store, "STAFF", "unknown") == 30


def test_a_voucher_expires(store):
    voucher = store.row("select * from vouchers where code = 'SPRING14'")
    assert shop.is_expired(voucher, datetime.date(2014, 6, 1))


def test_an_unknown_code_has_no_discount(store):
    assert shop.discount(store, "NOTHING", "unknown") is None


def test_gold_customers_have_ten_percent_in_any_case(store):
    assert shop.discount(store, "WELCOME", "gold") == 10
