import pytest

from leads.models import Event, Lead
from leads.qualification import explain_empty, qualify_leads
from tests.factories import LeadFactory, MarketFactory, OwnerFactory, OwnerPhoneFactory, ParcelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return MarketFactory(contact_score=45)


def stage_of(lead):
    return Lead.objects.get(pk=lead.pk).stage


def test_a_lead_qualifies_from_the_contact_score_on(market):
    enough, short, unscored = (LeadFactory(market=market, score=score) for score in (45, 44, None))

    assert qualify_leads(market).qualified == 1
    assert [stage_of(lead) for lead in (enough, short, unscored)] == ["qualified", "ingested", "ingested"]


@pytest.mark.parametrize("kind", ["government", "school", "church", "utility"])
def test_some_owners_are_never_contacted(market, kind):
    lead = LeadFactory(market=market, score=90, owner=OwnerFactory(kind=kind))

    qualify_leads(market)

    assert stage_of(lead) == "disqualified"


def test_improved_parcels_are_disqualified_only_when_both_values_are_known(market):
    def lead(land, building):
        parcel = ParcelFactory(parish__market=market, land_value=land, improvement_value=building)
        return LeadFactory(market=market, score=90, parcel=parcel)

    improved, bare, unknown = lead(1000, 1001), lead(1000, 1000), lead(None, 5000)
    qualify_leads(market)

    assert [stage_of(one) for one in (improved, bare, unknown)] == ["disqualified", "qualified", "qualified"]


def test_each_move_has_its_history_row_and_its_event_and_a_second_run_none(market):
    lead = LeadFactory(market=market, score=50)

    qualify_leads(market)
    qualify_leads(market)

    event = Event.objects.of_kind("StageChanged").get(lead=lead)
    assert event.data == {"from": "ingested", "to": "qualified", "reason": "Score 50, from 45 on"}
    assert event.handled_at is not None
    assert [row.stage for row in lead.history.all()] == ["qualified", "ingested"]
    assert lead.history.first().history_change_reason == "Score 50, from 45 on"


def test_other_markets_are_left_alone(market):
    elsewhere = LeadFactory(score=90)

    qualify_leads(market)

    assert stage_of(elsewhere) == "ingested"


def test_an_empty_list_is_explained_step_by_step(market):
    LeadFactory(market=market)
    ready = LeadFactory(market=market, score=80)
    LeadFactory(market=market, score=80)
    LeadFactory(market=market, score=10)
    OwnerPhoneFactory(owner=ready.owner)
    qualify_leads(market)

    assert [count for _, count in explain_empty(market)] == [4, 3, 2, 2, 1]
