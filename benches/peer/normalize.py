#!/usr/bin/env python3
"""The normaliser's peer: what a straightforward script does with the built-in lists.

Usage: normalize.py FILE > OUT
"""

import json
import sys

TIMING_SUFFIXES = ("_ms", "_seconds", "_secs")
WALL_CLOCK_FIELDS = {"updated_at", "started_at", "finished_at", "timestamp", "captured_at"}
TIMESTAMP = "2000-01-01T00:00:00Z"
KEEP = {"last_value", "data"}


def normalize(value):
    if isinstance(value, dict):
        for key, child in value.items():
            if key in KEEP:
                continue
            if isinstance(child, (dict, list)):
                normalize(child)
            elif isinstance(child, str):
                if key in WALL_CLOCK_FIELDS:
                    value[key] = TIMESTAMP
            elif isinstance(child, (int, float)) and not isinstance(child, bool):
                if key.endswith(TIMING_SUFFIXES):
                    value[key] = 0
    elif isinstance(value, list):
        for child in value:
            if isinstance(child, (dict, list)):
                normalize(child)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    normalize(document)
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


main()
