from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Event, Lead, Parcel, ParcelList
from scoring.models import ScoringProfile
from scoring.parish_figures import present_figures
from scoring.profiles import active_profile, put_back, save_weights
from scoring.service import score_lead, score_market
from scoring.weights import default_weights
from tests.factories import LeadFactory, MarketFactory, OwnerFactory, ParcelFactory, ParishFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, tzinfo=UTC)

money = st.decimals(0, 10**7, places=2)
acres = st.decimals("0.0001", "9999", places=4)
parcels = st.fixed_dictionaries(
    {
        "land_value": st.none() | money,
        "acres": st.none() | acres,
        "adjudicated": st.none() | st.booleans(),
        "years_delinquent": st.none() | st.integers(0, 30),
        "last_sale_on": st.none() | st.dates(date(1900, 1, 1), date(2030, 1, 1)),
        "situs_zip": st.sampled_from(["", "70810", "70815-1234"]),
    }
)
owners = st.fixed_dictionaries(
    {
        "mailing_state": st.sampled_from(["", "LA", "TX"]),
        "mailing_zip": st.sampled_from(["", "70810", "70810-9999", "71101"]),
    }
)
weights = st.builds(
    lambda draw, two, one: {
        **{f: {case: min(p, draw) for case, p in cases.items()} for f, cases in default_weights().items()},
        "stacking": {"two_lists": two, "one_list": one} if draw <= 15 else {"two_lists": 0, "one_list": 0},
    },
    st.integers(0, 20),
    st.integers(0, 3),
    st.integers(0, 3),
)
on_lists = st.sets(st.sampled_from(["tax_roll", "adjudicated", "delinquent"]))


def changed_by_scoring(market):
    return score_market(market).value.changed


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(parcels, owners, on_lists), min_size=1, max_size=8), chosen=weights)
def test_a_market_and_its_leads_one_by_one_score_the_same(rows, chosen):
    market = MarketFactory()
    parish = ParishFactory(market=market)
    save_weights(market, chosen, by=None, note="drawn")
    leads = [
        LeadFactory(market=market, parcel=ParcelFactory(parish=parish, **parcel), owner=OwnerFactory(**owner))
        for parcel, owner, _ in rows
    ]
    for lead, (_, _, sources) in zip(leads, rows, strict=True):
        for source in sources:
            ParcelList.objects.create(
                parcel=lead.parcel, source=source, first_seen=NOW, last_seen=NOW, list_import_id=1
            )

    score_market(market)

    for lead in Lead.objects.filter(pk__in=[lead.pk for lead in leads]):
        in_sql = (lead.score, lead.score_reasons)
        one_by_one = score_lead(lead)
        assert (one_by_one.total, one_by_one.stored) == in_sql


def test_only_what_differs_is_written_and_a_changed_score_is_told():
    lead = LeadFactory()
    assert changed_by_scoring(lead.market) == 1
    assert changed_by_scoring(lead.market) == 0
    assert not Event.objects.of_kind("LeadScored").exists()

    Parcel.objects.filter(pk=lead.parcel_id).update(adjudicated=True)

    assert changed_by_scoring(lead.market) == 1
    told = Event.objects.of_kind("LeadScored").get()
    assert told.lead == lead
    assert told.data["to"] - told.data["from"] == 35


def test_other_markets_and_deleted_leads_are_left_alone():
    lead, elsewhere = LeadFactory(), LeadFactory()
    deleted = LeadFactory(market=lead.market, deleted_at=elsewhere.created_at)

    score_market(lead.market)

    assert [Lead.objects.get(pk=other.pk).score for other in (elsewhere, deleted)] == [None, None]


def test_the_median_is_a_median():
    parish = ParishFactory()
    for value in (1000, 2000, 3000, 4000, 100_000):
        ParcelFactory(parish=parish, land_value=value, acres=1)
    ParcelFactory(parish=parish, land_value=None, acres=1)

    figures = present_figures(parish.pk)
    assert (figures.median, figures.counted) == (Decimal("3000.00"), 5)


def test_each_change_of_weights_is_a_version_and_can_be_put_back():
    market = MarketFactory()
    first = active_profile(market)
    changed = default_weights()
    changed["size"]["quarter_to_5_acres"] = 1
    save_weights(market, changed, by=None, note="less size")

    back = put_back(first, by=None)

    assert back.version == 3
    assert active_profile(market) == back
    assert back.weights == first.weights
    assert ScoringProfile.objects.filter(market=market, active=True).count() == 1


@pytest.mark.parametrize("broken", [{}, {"size": {}}, {**default_weights(), "size": {"quarter_to_5_acres": 90}}])
def test_wrong_weights_are_refused_and_nothing_is_written(broken):
    market = MarketFactory()

    with pytest.raises(ValidationError):
        save_weights(market, broken, by=None, note="")

    assert not ScoringProfile.objects.filter(market=market).exists()


def test_a_parcel_sold_tomorrow_has_no_years_owned():
    lead = LeadFactory(parcel=ParcelFactory(last_sale_on=date.today() + timedelta(days=3)))
    lead = Lead.objects.get(pk=lead.pk)

    assert score_lead(lead).reasons[5].reason.startswith("Unknown")
