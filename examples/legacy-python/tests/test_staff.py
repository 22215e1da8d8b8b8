from app import shop

SESSIONS = {}


def test_root_is_there_or_is_made(store):
    assert shop.ensure_staff(store, "root") == "admin"


def test_new_staff_is_made(store):
    assert shop.ensure_staff(store, "nadia") == "admin"


def test_the_clerk_signs_in(store):
    role = store.value("select role from staff where handle = 'wanda'")
    assert role == "clerk"
    SESSIONS["wanda"] = role


def test_the_clerk_is_still_signed_in():
    # Only after the test before it.
    assert SESSIONS["wanda"] == "clerk"


def test_nobody_else_is_signed_in():
    assert "oskar" not in SESSIONS
