"""One database for the whole suite; each test runs in a transaction that is rolled back."""

import pytest

from app import fixtures, shop, store as stores


@pytest.fixture(scope="session")
def database():
    store = stores.connect()
    names = [name for name in fixtures.tables() if name in stores.SCHEMA]
    store.load({name: fixtures.rows(name) for name in names})
    yield store
    store.close()


@pytest.fixture
def store(database):
    database.run("begin")
    yield database
    database.run("rollback")


@pytest.fixture
def alice(store):
    found = shop.customer(store, "alice")
    if found is None:
        raise LookupError("there is no customer alice")
    return found


@pytest.fixture
def signed_in(alice):
    """Most of the suite does what it does in the name of alice."""
    return alice


@pytest.fixture
def migrated(store):
    from migrations import m002_levels

    m002_levels.run(store)
    return store
