"""The comparison of a template's wordings as its page shows it."""

from __future__ import annotations

from typing import Any

from outreach.learning import FLOOR
from outreach.models import MessageTemplate
from outreach.performance import Line, Rate, report

RATES = ("Delivered", "Replied", "Interested", "Opted out", "Filtered")
COMPARED = (MessageTemplate.Purpose.FIRST_TEXT, MessageTemplate.Purpose.FOLLOW_UP)
GOALS = {"interested": "interested or asked for an offer", "replied": "replied"}


def performance_context(template: MessageTemplate | None) -> dict[str, Any]:
    """Empty for templates whose texts no campaign sends."""
    if template is None or template.purpose not in COMPARED:
        return {}
    lines = report(template)
    return {
        "lines": [_row(line) for line in lines],
        "rate_names": RATES,
        "columns": 3 + len(RATES),
        "explained": explained(template, lines),
    }


def explained(template: MessageTemplate, lines: list[Line]) -> str:
    """Which wording the next texts get and why, for a person who has never heard of statistics."""
    used = [line for line in lines if line.variant.active]
    if not used:
        return "No wording is in use: campaigns with this template cannot be launched."
    if len(used) == 1:
        return f"Wording {used[0].variant.name} is the only one in use. With a second one the two can be compared."
    if not template.learns:
        return (
            "Owners are divided by the weights you gave. Switch on “let the better wording win” and the shares follow "
            "what owners answer."
        )
    chances = ", ".join(f"{line.variant.name} {percent(line.share)}" for line in used)
    return (
        f"The better wording wins: each is sent as often as it is likely to be the best, judged by owners who were "
        f"{GOALS[template.goal]}, less those who opted out. Shares of the next texts: {chances}. One sent fewer "
        f"than {template.least_texts} times keeps at least {percent(FLOOR)} of an even share, as its chance; one that "
        "carriers filter or that people opt out of clearly more is stopped. The shares are worked out anew "
        "every minute, and a text takes its wording when it leaves."
    )


def percent(share: float, digits: int = 0) -> str:
    return f"{share:.{digits}%}".replace("%", " %")


def _row(line: Line) -> dict[str, Any]:
    cells = [_cell(name, rate) for name, rate in line.rates]
    return {
        "variant": line.variant,
        "tally": line.tally,
        "percent": percent(line.share),
        "stopped": line.stopped,
        "cells": cells,
    }


def _cell(name: str, rate: Rate) -> dict[str, Any]:
    if rate.rate is None:
        return {"name": name, "events": 0}
    low, high = (f"{bound:.1%}".removesuffix("%") for bound in rate.interval)
    return {"name": name, "events": rate.events, "rate": percent(rate.rate, 1), "interval": f"{low}–{high}"}
