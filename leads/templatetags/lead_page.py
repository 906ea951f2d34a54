"""Figures as people read them; a missing one is unknown, never zero."""

from __future__ import annotations

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def known(value: Decimal | None) -> str:
    return "unknown" if value is None else f"{value.normalize():,f}"


@register.filter
def dollars(value: Decimal | None) -> str:
    return "unknown" if value is None else f"${value:,.0f}"


@register.filter
def unlocalized(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


@register.filter
def words(name: str) -> str:
    """A name of the code as words: cool_down -> cool down."""
    return name.replace("_", " ")
