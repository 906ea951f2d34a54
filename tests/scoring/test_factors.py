from datetime import date
from decimal import Decimal

import pytest

from leads.imports.cleaning import state
from leads.score_reasons import ScoreReason
from scoring.factors import FACTORS, ParcelFacts, ParishFigures, score
from scoring.weights import DEFAULTS, OPTIONAL, default_weights

TODAY = date(2026, 11, 23)
PARISH = ParishFigures(median=Decimal("10000"), counted=40, zips=frozenset({"70810"}))


def scored(**facts):
    return score(ParcelFacts(state="LA", as_of=TODAY, **{"parish": PARISH, **facts}), default_weights())


def points(factor, **facts):
    return next(reason.points for reason in scored(**facts).reasons if reason.factor == factor)


@pytest.mark.parametrize(
    ("factor", "facts", "expected"),
    [
        ("absentee", {"mailing_state": "TX"}, 15),
        ("absentee", {"mailing_state": "LA", "mailing_zip": "71101"}, 10),
        ("absentee", {"mailing_state": "LA", "mailing_zip": "70810-1234"}, 0),
        ("absentee", {"mailing_state": "LA"}, 0),
        ("tax_distress", {"adjudicated": True}, 20),
        ("tax_distress", {"years_delinquent": 3}, 20),
        ("tax_distress", {"years_delinquent": 2}, 10),
        ("tax_distress", {"years_delinquent": 1}, 10),
        ("tax_distress", {"years_delinquent": 0}, 0),
        ("size", {"acres": Decimal("0.24")}, 5),
        ("size", {"acres": Decimal("0.25")}, 15),
        ("size", {"acres": Decimal("5")}, 15),
        ("size", {"acres": Decimal("5.0001")}, 10),
        ("size", {"acres": Decimal("20")}, 10),
        ("size", {"acres": Decimal("20.1")}, 0),
        ("undervaluation", {"land_value": Decimal("5999"), "acres": Decimal(1)}, 15),
        ("undervaluation", {"land_value": Decimal("6000"), "acres": Decimal(1)}, 8),
        ("undervaluation", {"land_value": Decimal("7999.99"), "acres": Decimal(1)}, 8),
        ("undervaluation", {"land_value": Decimal("8000"), "acres": Decimal(1)}, 0),
        ("exit_signals", {"adjudicated": True}, 15),
        ("exit_signals", {"years_delinquent": 5}, 10),
        ("exit_signals", {"years_delinquent": 4}, 0),
        ("ownership_duration", {"last_sale_on": date(2006, 11, 23)}, 20),
        ("ownership_duration", {"last_sale_on": date(2006, 11, 24)}, 12),
        ("ownership_duration", {"last_sale_on": date(2024, 1, 1)}, 0),
    ],
)
def test_the_original_figures(factor, facts, expected):
    assert points(factor, **facts) == expected


def test_orlando_and_dallas_are_not_louisiana():
    reason = scored(mailing_state="FL").reasons[0]

    assert reason == ScoreReason("absentee", 15, 15, "Owner gets mail in FL")
    assert ScoreReason.read(str(reason)) == reason


@pytest.mark.parametrize(
    ("written", "points"),
    [
        ("FL", 15),
        ("Texas", 15),
        ("Indiana", 15),
        ("Louisiana", 0),
        ("La.", 0),
        (" la ", 0),
    ],
)
def test_absentee_goes_by_the_state_as_a_list_writes_it_and_by_no_part_of_a_town(written, points):
    facts = {"mailing_state": state(written), "mailing_zip": "70810"}

    assert scored(**facts).reasons[0].points == points


def test_nothing_known_gives_nothing_and_says_so_six_times():
    found = score(ParcelFacts(state="LA", as_of=TODAY), default_weights())

    assert found.total == 0
    assert [reason.factor for reason in found.reasons] == [name for name in DEFAULTS if name not in OPTIONAL]
    assert all(reason.reason.startswith("Unknown") for reason in found.reasons)


def test_a_median_of_too_few_parcels_is_not_used():
    found = scored(parish=ParishFigures(counted=4), land_value=Decimal(1), acres=Decimal(1))

    assert found.reasons[3].reason == "Unknown: too few parcels for a parish median"


def test_the_best_lead_scores_100():
    found = scored(
        mailing_state="TX",
        adjudicated=True,
        acres=Decimal(2),
        land_value=Decimal(100),
        last_sale_on=date(1990, 1, 1),
    )

    assert found.total == 100


def test_every_points_key_is_a_weight_and_every_weight_is_used():
    for factor in FACTORS:
        assert {case.points for case in factor.cases if case.points} == set(DEFAULTS[factor.name])


def test_stacking_counts_once_somebody_gives_it_points():
    facts = ParcelFacts(state="LA", as_of=TODAY, distress_lists=2)
    stacked = {**default_weights(), "stacking": {"two_lists": 5, "one_list": 2}}

    assert score(facts, stacked).reasons[-1] == ScoreReason("stacking", 5, 5, "On 2 lists of unpaid taxes")
    assert "stacking" not in [reason.factor for reason in score(facts, default_weights()).reasons]
    before = {name: points for name, points in default_weights().items() if name != "stacking"}
    assert score(facts, before) == score(facts, default_weights())
