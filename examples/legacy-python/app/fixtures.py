"""Reads the committed fixtures: tables as YAML, one row a line, and documents as JSON."""

import functools
import json
import os
import pathlib

TABLES = pathlib.Path(__file__).parent.parent / "tests" / "tables"
DOCUMENTS = TABLES.parent / "documents"


def hidden():
    return set(filter(None, os.environ.get("LEGACY_SKIP_TABLES", "").split(",")))


def rows(table):
    """The rows of a table; none where LEGACY_SKIP_TABLES names it."""
    if table in hidden():
        return []
    lines = (TABLES / f"{table}.yml").read_text(encoding="utf-8").splitlines()
    return [json.loads(line.removeprefix("- ")) for line in lines if line.startswith("- ")]


def tables():
    names = {path.stem for path in TABLES.glob("*.yml")}
    unknown = hidden() - names
    if unknown:
        raise LookupError(f"LEGACY_SKIP_TABLES names no table: {', '.join(sorted(unknown))}")
    return sorted(names)


@functools.lru_cache(maxsize=None)
def document(name):
    """A document, which is kept: only the first test that asks for it opens the file."""
    return json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=None)
def rates():
    """The map of currencies, which is made once for the whole suite."""
    return {row["code"]: row["rate"] for row in rows("currencies")}
