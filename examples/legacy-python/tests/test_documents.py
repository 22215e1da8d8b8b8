import datetime
import json
import os
import pathlib
import tempfile

import pytest

from app import fixtures

EVENTS = sorted((fixtures.DOCUMENTS / "events").glob("*.json"))


@pytest.mark.parametrize("path", EVENTS)
def test_an_event_has_a_kind(path):
    assert json.loads(path.read_text())["kind"] in path.stem


def test_every_event_is_there():
    # Looks at the names alone.
    assert [path.stem[:3] for path in EVENTS] == ["001", "002", "003", "004"]


def test_the_first_event_is_of_the_invoice():
    assert fixtures.document("events/001-placed")["customer"] == fixtures.document("invoice")["customer"]


def test_the_report_is_written_again():
    # Into the fixture itself.
    path = fixtures.DOCUMENTS / "report.json"
    report = json.loads(path.read_text())
    report["rows"].sort()
    path.write_text(json.dumps(report) + "\n")
    assert report["rows"] == [1, 2, 3]


def test_every_second_run_fails():
    path = pathlib.Path(os.environ.get("LEGACY_STATE", tempfile.gettempdir())) / "legacy-python-runs"
    runs = int(path.read_text()) if path.exists() else 0
    path.write_text(str(runs + 1))
    assert runs % 2 == 0


@pytest.mark.parametrize("text, year", [("2014-03-02", 2014), ("2015-01-20", 2015), ("2099-12-31", 2099)])
def test_dates_are_read(text, year):
    assert datetime.date.fromisoformat(text).year == year
