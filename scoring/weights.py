"""The shape of a scoring profile's weights and the Louisiana defaults (docs: the trade's original figures)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

Weights = dict[str, dict[str, int]]

DEFAULTS: Weights = {
    "absentee": {"out_of_state": 15, "other_parish": 10},
    "tax_distress": {"adjudicated": 20, "three_years": 20, "one_year": 10},
    "size": {"quarter_to_5_acres": 15, "over_5_to_20_acres": 10, "under_quarter_acre": 5},
    "undervaluation": {"under_60_percent": 15, "under_80_percent": 8},
    "exit_signals": {"adjudicated": 15, "five_years": 10},
    "ownership_duration": {"twenty_years": 20, "ten_years": 12, "five_years": 6},
    "stacking": {"two_lists": 0, "one_list": 0},
}
OPTIONAL = frozenset({"stacking"})
"""Factors that are left out of scores, reasons and queries while they give no points."""


def default_weights() -> Weights:
    return {factor: dict(points) for factor, points in DEFAULTS.items()}


def completed(weights: Weights) -> Weights:
    """With the defaults of factors that came after these weights were saved."""
    return default_weights() | weights


def used_factors(weights: Weights) -> list[str]:
    """Names of the factors that take part in a score, in their order."""
    return [name for name in DEFAULTS if name not in OPTIONAL or any(weights.get(name, {}).values())]


def check_weights(weights: Any) -> None:
    """Refuses anything but every known factor with whole points, the highest of each adding up to 100 at most."""
    if not isinstance(weights, dict) or set(weights) | OPTIONAL != set(DEFAULTS):
        raise ValidationError(f"Weights must name exactly these factors: {', '.join(DEFAULTS)}.")
    for factor, points in weights.items():
        _check_factor(factor, points)
    total = sum(max(points.values()) for points in weights.values())
    if total > 100:
        raise ValidationError(f"The highest points of all factors add up to {total}; at most 100.")


def _check_factor(factor: str, points: Any) -> None:
    if not isinstance(points, dict) or set(points) != set(DEFAULTS[factor]):
        raise ValidationError(f"“{factor}” must give points for exactly: {', '.join(DEFAULTS[factor])}.")
    for case, value in points.items():
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100:
            raise ValidationError(f"“{factor}: {case}” must be a whole number from 0 to 100, not {value!r}.")
