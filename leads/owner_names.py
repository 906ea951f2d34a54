"""Reading the owner column of a tax roll: one spelling for comparison, and what kind of owner the words say it is."""

from __future__ import annotations

import re

from leads.models import Owner

_NOT_IN_KEY = re.compile(r"[^A-Z0-9&]+")


def name_key(name: str) -> str:
    """Upper case, punctuation and runs of blanks as one blank: two spellings of one name compare equal."""
    return _NOT_IN_KEY.sub(" ", name.upper()).strip()
