"""Why a case of a public suite doesn't pass: `reasons.toml`, beside this file, has a list for each suite.

An entry is a reason and the names of the cases that it is for.
"""

import fnmatch
import pathlib
import tomllib

FILE = pathlib.Path(__file__).with_name("reasons.toml")


class Reasons:
    """Reasons of one suite, by names of cases or patterns of such names."""

    def __init__(self, entries):
        self.entries = entries

    def of(self, name):
        """The first reason whose names fit the case, or None."""
        return next((entry["reason"] for entry in self.entries if self._fits(entry, name)), None)

    def is_of_many(self, name):
        """Whether the case is meant by a pattern only: then it may pass as well."""
        return not any(name in entry["cases"] for entry in self.entries)

    @staticmethod
    def _fits(entry, name):
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in entry["cases"])


def load(suite):
    """The reasons of a suite, by the name of its repository."""
    return Reasons(tomllib.loads(FILE.read_text())["suite"][suite])
