import threading

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from leads.models import Event, Lead
from leads.pipeline import allow_stage_writes, move_lead, move_leads, open_stages
from leads.stages import Stage
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db

ALLOWED = {
    "ingested": {"qualified", "disqualified", "engaged", "hot", "dead", "archived"},
    "qualified": {"disqualified", "contacted", "engaged", "hot", "dead", "archived"},
    "disqualified": {"qualified", "dead", "archived"},
    "contacted": {"disqualified", "engaged", "hot", "dead", "archived"},
    "engaged": {"disqualified", "hot", "offer_made", "dead", "archived"},
    "hot": {"engaged", "offer_made", "dead", "archived"},
    "offer_made": {"engaged", "hot", "under_contract", "dead", "archived"},
    "under_contract": {"offer_made", "closed", "dead", "archived"},
    "closed": {"archived"},
    "dead": {"qualified", "archived"},
    "archived": {"qualified"},
}


def lead_in(stage):
    lead = LeadFactory()
    with transaction.atomic():
        allow_stage_writes()
        archived = timezone.now() if stage == "archived" else None
        Lead.objects.filter(pk=lead.pk).update(stage=stage, archived_at=archived)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lalw.stage_move', 'off', true)")
    return Lead.objects.get(pk=lead.pk)


def in_role(role):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    return user


def traces(lead):
    return lead.history.count(), Event.objects.of_kind("StageChanged").filter(lead=lead).count()


@pytest.mark.parametrize("to", Stage.values)
@pytest.mark.parametrize("stage", Stage.values)
def test_exactly_the_declared_moves_are_possible(stage, to):
    lead = lead_in(stage)
    before = traces(lead)

    result = move_lead(lead, to, by=None, reason="test")

    lead.refresh_from_db()
    if stage == to:
        assert result
        assert traces(lead) == before
    elif to in ALLOWED[stage]:
        assert result
        assert lead.stage == to
        assert traces(lead) == (before[0] + 1, before[1] + 1)
    else:
        assert (bool(result), result.code, lead.stage, traces(lead)) == (False, "illegal_move", stage, before)


def test_a_move_records_who_why_from_and_to():
    lead, rep = lead_in("contacted"), in_role("rep")

    move_lead(lead, "engaged", by=rep, reason="She called back")

    event = Event.objects.of_kind("StageChanged").get(lead=lead)
    assert (event.actor, event.data) == (rep, {"from": "contacted", "to": "engaged", "reason": "She called back"})
    written = lead.history.first()
    assert (written.history_user, written.history_change_reason, written.stage) == (rep, "She called back", "engaged")


@pytest.mark.parametrize(
    ("stage", "to", "roles"),
    [
        ("ingested", "qualified", {"rep", "manager", "administrator"}),
        ("engaged", "offer_made", {"rep", "manager", "administrator"}),
        ("offer_made", "under_contract", {"manager", "administrator"}),
        ("under_contract", "closed", {"manager", "administrator"}),
        ("contacted", "archived", {"manager", "administrator"}),
        ("dead", "qualified", {"manager", "administrator"}),
    ],
)
def test_each_move_needs_its_permission(stage, to, roles):
    for role in ("rep", "manager", "administrator"):
        lead = lead_in(stage)
        before = traces(lead)
        result = move_lead(lead, to, by=in_role(role), reason="test")
        lead.refresh_from_db()
        assert bool(result) == (role in roles)
        if role not in roles:
            assert (result.code, lead.stage, traces(lead)) == ("not_permitted", stage, before)


def test_an_outsider_moves_nothing_and_is_offered_nothing():
    lead, outsider = lead_in("contacted"), UserFactory()

    assert not move_lead(lead, "engaged", by=outsider, reason="test")
    assert open_stages(lead, outsider) == []


def test_buttons_are_the_moves_this_person_may_make():
    assert open_stages(lead_in("offer_made"), in_role("rep")) == ["engaged", "hot", "dead"]


@pytest.mark.parametrize(
    "bypass",
    [
        lambda lead: Lead.objects.filter(pk=lead.pk).update(stage="closed"),
        lambda lead: LeadFactory(stage="hot"),
        lambda lead: connection.cursor().execute("UPDATE leads_lead SET stage = 'hot' WHERE id = %s", [lead.pk]),
    ],
)
def test_the_database_refuses_every_other_way(bypass):
    lead = lead_in("qualified")

    with pytest.raises(IntegrityError), transaction.atomic():
        bypass(lead)

    assert Lead.objects.get(pk=lead.pk).stage == "qualified"


def test_bulk_update_is_refused():
    lead = lead_in("qualified")
    lead.__dict__["stage"] = "closed"

    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.bulk_update([lead], ["stage"])


def test_the_field_cannot_be_assigned():
    with pytest.raises(AttributeError):
        lead_in("qualified").stage = "closed"


def test_archiving_sets_its_date_and_reactivating_clears_it():
    lead = lead_in("contacted")
    move_lead(lead, "archived", by=None, reason="not now")
    assert Lead.objects.get(pk=lead.pk).archived_at

    move_lead(lead, "qualified", by=None, reason="again")
    assert Lead.objects.get(pk=lead.pk).archived_at is None


def test_a_lead_is_not_reactivated_while_its_parcel_has_another():
    lead = lead_in("dead")
    LeadFactory(parcel=lead.parcel, market=lead.market)

    result = move_lead(lead, "qualified", by=None, reason="again")

    assert result.code == "parcel_taken"
    assert Lead.objects.get(pk=lead.pk).stage == "dead"


def test_events_are_never_rewritten():
    lead = lead_in("contacted")
    move_lead(lead, "engaged", by=None, reason="test")
    event = Event.objects.of_kind("StageChanged").get(lead=lead)

    for change in ({"data": {}}, {"kind": "NoteAdded"}, {"created_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(**change)
    assert Event.objects.mark_handled([event.pk], timezone.now()) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(handled_at=None)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_moves_the_lead():
    lead = LeadFactory()
    both = threading.Barrier(2)

    def move():
        both.wait()
        move_lead(lead, "hot", by=None, reason="race")
        connection.close()

    racers = [threading.Thread(target=move) for _ in range(2)]
    [racer.start() for racer in racers]
    [racer.join() for racer in racers]

    assert Event.objects.of_kind("StageChanged").filter(lead=lead).count() == 1


def test_several_leads_move_at_once_each_with_its_traces_and_the_others_stay():
    leads = [lead_in("qualified"), lead_in("contacted"), lead_in("closed"), lead_in("qualified")]
    user = UserFactory(is_superuser=True)

    moved = move_leads(leads, "contacted", by=user, reason="First text sent")

    assert moved == [leads[0], leads[3]]
    assert [Lead.objects.get(pk=lead.pk).stage for lead in leads] == ["contacted", "contacted", "closed", "contacted"]
    assert [traces(lead) for lead in leads] == [(2, 1), (1, 0), (1, 0), (2, 1)]
    record, event = leads[0].history.first(), Event.objects.of_kind("StageChanged").first()
    assert (record.history_user, record.history_change_reason) == (user, "First text sent")
    assert (event.actor, event.owner, event.handled_at) == (user, event.lead.owner, None)
    assert event.data == {"from": "qualified", "to": "contacted", "reason": "First text sent"}
    moved_by_one = lead_in("qualified")
    assert move_lead(moved_by_one, "contacted", by=user, reason="First text sent")
    assert moved_by_one.history.first().stage == record.stage


def test_moving_more_leads_takes_no_more_queries(django_assert_num_queries):
    for count in (1, 5):
        leads = [lead_in("qualified") for _ in range(count)]
        with django_assert_num_queries(7):
            move_leads(leads, "contacted", by=None, reason="test")


def test_nobody_moves_several_leads_without_the_permission():
    leads = [lead_in("qualified"), lead_in("qualified")]

    assert move_leads(leads, "contacted", by=UserFactory(), reason="test") == []

    assert [traces(lead) for lead in leads] == [(1, 0), (1, 0)]
