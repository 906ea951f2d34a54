"""Telephone numbers as people write them, brought to E.164, and how they are shown."""

from __future__ import annotations


def mask(e164: str) -> str:
    """(225) •••-••12: enough to tell two numbers apart, too little to call."""
    if e164.startswith("+1") and len(e164) == 12:
        return f"({e164[2:5]}) •••-••{e164[-2:]}"
    return f"{e164[:3]}•••{e164[-2:]}"
