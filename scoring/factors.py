"""The motivation score, declared once: its factors, each an ordered list of cases; the first case that applies counts.

From this table come both the score of one lead (`score`, pure Python) and the scores of many (`points_sql` and
`reasons_sql`), so the two cannot drift apart. Figures are the trade's (weights are data, see scoring/weights.py); a
missing figure gives no points and says what is missing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from leads.score_reasons import ScoreReason
from scoring.weights import Weights, used_factors

Condition = tuple[str, str, Any]
"""(fact, operator, value); "missing" takes no value. A comparison with a missing fact is false, in SQL as in Python."""


@dataclass(frozen=True)
class Case:
    """`points` names a weight of the factor; None gives no points. `%s` in the reason stands for the named facts."""

    points: str | None
    when: tuple[Condition, ...]
    reason: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Factor:
    name: str
    cases: tuple[Case, ...]


OUT_OF_STATE, OTHER_PARISH, IN_PARISH = "out_of_state", "other_parish", "in_parish"

FACTORS = (
    Factor(
        "absentee",
        (
            Case("out_of_state", (("mail", "=", OUT_OF_STATE),), "Owner gets mail in %s", ("mailing_state",)),
            Case(
                "other_parish", (("mail", "=", OTHER_PARISH),), "Owner gets mail outside the parish, ZIP %s", ("zip",)
            ),
            Case(None, (("mail", "=", IN_PARISH),), "Owner gets mail in the parish"),
            Case(None, (), "Unknown where the owner gets mail"),
        ),
    ),
    Factor(
        "tax_distress",
        (
            Case("adjudicated", (("adjudicated", "=", True),), "Adjudicated: taken over for unpaid taxes"),
            Case("three_years", (("years_delinquent", ">=", 3),), "Taxes unpaid for %s years", ("years_delinquent",)),
            Case("one_year", (("years_delinquent", ">=", 1),), "Taxes unpaid, years: %s", ("years_delinquent",)),
            Case(None, (("years_delinquent", "missing", None),), "Unknown: no list says whether taxes are unpaid"),
            Case(None, (), "No unpaid taxes"),
        ),
    ),
    Factor(
        "size",
        (
            Case(None, (("acres", "missing", None),), "Unknown: no acreage"),
            Case("under_quarter_acre", (("acres", "<", Decimal("0.25")),), "%s acres, under a quarter", ("acres",)),
            Case("quarter_to_5_acres", (("acres", "<=", 5),), "%s acres, the size that sells best", ("acres",)),
            Case("over_5_to_20_acres", (("acres", "<=", 20),), "%s acres, sells well", ("acres",)),
            Case(None, (), "%s acres, larger than most buyers look for", ("acres",)),
        ),
    ),
    Factor(
        "undervaluation",
        (
            Case(None, (("land_value", "missing", None),), "Unknown: no land value"),
            Case(None, (("acres", "missing", None),), "Unknown: no acreage, so no value per acre"),
            Case(None, (("median", "missing", None),), "Unknown: too few parcels for a parish median"),
            Case(
                "under_60_percent",
                (("percent", "<", 60),),
                "Valued at %s %% of the parish median per acre ($%s, from about %s parcels)",
                ("percent", "median", "counted"),
            ),
            Case(
                "under_80_percent",
                (("percent", "<", 80),),
                "Valued at %s %% of the parish median per acre ($%s, from about %s parcels)",
                ("percent", "median", "counted"),
            ),
            Case(None, (), "Valued at %s %% of the parish median per acre ($%s)", ("percent", "median")),
        ),
    ),
    Factor(
        "exit_signals",
        (
            Case("adjudicated", (("adjudicated", "=", True),), "Adjudicated: the owner has let go of it"),
            Case("five_years", (("years_delinquent", ">=", 5),), "Unpaid for %s years", ("years_delinquent",)),
            Case(None, (("years_delinquent", "missing", None),), "Unknown: no list says whether taxes are unpaid"),
            Case(None, (), "No sign of letting go"),
        ),
    ),
    Factor(
        "ownership_duration",
        (
            Case(None, (("years_owned", "missing", None),), "Unknown: no date of the last sale"),
            Case("twenty_years", (("years_owned", ">=", 20),), "Owned for %s years", ("years_owned",)),
            Case("ten_years", (("years_owned", ">=", 10),), "Owned for %s years", ("years_owned",)),
            Case("five_years", (("years_owned", ">=", 5),), "Owned for %s years", ("years_owned",)),
            Case(None, (), "Bought less than five years ago"),
        ),
    ),
    Factor(
        "stacking",
        (
            Case("two_lists", (("distress_lists", ">=", 2),), "On %s lists of unpaid taxes", ("distress_lists",)),
            Case("one_list", (("distress_lists", "=", 1),), "On a list of unpaid taxes"),
            Case(None, (), "On no list of unpaid taxes"),
        ),
    ),
)


@dataclass(frozen=True)
class ParishFigures:
    """What a parish's parcels say together. `median`: US dollars of land value per acre, None from under five parcels;
    `counted`: how many it is from; `zips`: five-digit ZIPs of the parish's land."""

    median: Decimal | None = None
    counted: int = 0
    zips: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ParcelFacts:
    """The stored figures of one parcel and its owner on one day; None or "" where a figure is missing. `state`: where
    the land lies, whichever market works it."""

    state: str
    as_of: date
    mailing_state: str = ""
    mailing_zip: str = ""
    adjudicated: bool | None = None
    years_delinquent: int | None = None
    acres: Decimal | None = None
    land_value: Decimal | None = None
    last_sale_on: date | None = None
    distress_lists: int = 0
    parish: ParishFigures = field(default_factory=ParishFigures)

    def derived(self) -> dict[str, Any]:
        """The facts the cases ask for, by name."""
        return {
            "mail": self._mail(),
            "mailing_state": self.mailing_state,
            "zip": self.mailing_zip[:5],
            "adjudicated": self.adjudicated,
            "years_delinquent": self.years_delinquent,
            "acres": self.acres,
            "land_value": self.land_value,
            "median": self.parish.median,
            "counted": self.parish.counted,
            "percent": self._percent(),
            "years_owned": self._years_owned(),
            "distress_lists": self.distress_lists,
        }

    def _mail(self) -> str | None:
        """Without a table of ZIPs per parish, a ZIP in which the parish has no land counts as another parish."""
        if not self.mailing_state:
            return None
        if self.mailing_state != self.state:
            return OUT_OF_STATE
        if not self.mailing_zip or not self.parish.zips:
            return None
        return IN_PARISH if self.mailing_zip[:5] in self.parish.zips else OTHER_PARISH

    def _percent(self) -> int | None:
        if self.land_value is None or not self.acres or not self.parish.median:
            return None
        return int(Fraction(self.land_value) * 100 / (Fraction(self.parish.median) * Fraction(self.acres)))

    def _years_owned(self) -> int | None:
        if self.last_sale_on is None or self.last_sale_on > self.as_of:
            return None
        sold, today = self.last_sale_on, self.as_of
        return today.year - sold.year - ((today.month, today.day) < (sold.month, sold.day))


@dataclass(frozen=True)
class Score:
    total: int
    reasons: list[ScoreReason]
    """One per factor."""

    @property
    def stored(self) -> list[str]:
        return [str(reason) for reason in self.reasons]


def factors_of(weights: Weights) -> list[Factor]:
    """Those that take part in a score with these weights."""
    used = used_factors(weights)
    return [factor for factor in FACTORS if factor.name in used]


def score(facts: ParcelFacts, weights: Weights) -> Score:
    known = facts.derived()
    reasons = [_reason(factor, known, weights[factor.name]) for factor in factors_of(weights)]
    return Score(sum(reason.points for reason in reasons), reasons)


def points_sql(weights: Weights) -> str:
    """The total, over the facts as columns of the same names."""
    factors = factors_of(weights)
    return " + ".join(_cases_sql(f, [str(_points(case, weights[f.name])) for case in f.cases]) for f in factors)


def reasons_sql(weights: Weights) -> str:
    """The reasons as they are stored, over the facts as columns of the same names."""
    factors = factors_of(weights)
    texts = (_cases_sql(f, [_stored_sql(f, case, weights[f.name]) for case in f.cases]) for f in factors)
    return f"ARRAY[{', '.join(texts)}]"


def _reason(factor: Factor, known: Mapping[str, Any], points: Mapping[str, int]) -> ScoreReason:
    case = next(case for case in factor.cases if all(_holds(condition, known) for condition in case.when))
    text = case.reason % tuple(_text(known[name]) for name in case.facts)
    return ScoreReason(factor.name, _points(case, points), max(points.values()), text)


def _points(case: Case, points: Mapping[str, int]) -> int:
    return points[case.points] if case.points else 0


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _holds(condition: Condition, known: Mapping[str, Any]) -> bool:
    name, compare, value = condition
    if compare == "missing":
        return known[name] is None
    return known[name] is not None and _COMPARE[compare](known[name], value)


def _text(value: Any) -> str:
    """As `_text_sql` writes it: decimals without trailing zeros."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def _cases_sql(factor: Factor, values: Sequence[str]) -> str:
    """The value of the first case that applies; `values` are expressions, one per case."""
    pairs = zip(factor.cases, values, strict=True)
    return f"CASE {' '.join(f'WHEN {_condition_sql(case)} THEN {value}' for case, value in pairs)} END"


def _stored_sql(factor: Factor, case: Case, points: Mapping[str, int]) -> str:
    """Constants and facts strung together: several times as fast as format()."""
    given = ScoreReason(factor.name, _points(case, points), max(points.values()), case.reason)
    first, *rest = (f"'{part % ()}'" for part in str(given).replace("'", "''").split("%s"))
    facts = (f" || {_text_sql(name)} || {part}" for name, part in zip(case.facts, rest, strict=True))
    return first + "".join(facts)


def _condition_sql(case: Case) -> str:
    parts = [f"{name} IS NULL" if compare == "missing" else f"{name} {compare} {_literal(value)}"
             for name, compare, value in case.when]  # fmt: skip
    return " AND ".join(parts) or "TRUE"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"'{value}'" if isinstance(value, str) else str(value)


def _text_sql(name: str) -> str:
    return f"trim_scale({name})::text" if name in {"acres", "median"} else f"{name}::text"
