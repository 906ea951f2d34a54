from datetime import timedelta

import pytest
import redis
from django.core.cache import cache
from django.utils import timezone

from config import outbox, reactions, tasks
from leads.events import record_event
from leads.models import Event
from leads.pipeline import move_lead
from ops.models import Alert
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_lead_that_becomes_hot_by_itself_alerts_once_in_24_hours():
    lead = LeadFactory()
    move_lead(lead, "hot", by=None, reason="Interested: “yes”")
    move_lead(lead, "engaged", by=None, reason="cooled")
    move_lead(lead, "hot", by=None, reason="Interested again")

    assert outbox.deliver_events() == 3
    assert [alert.lead for alert in Alert.objects.unseen()] == [lead]


def test_a_person_who_makes_a_lead_hot_is_not_alerted_about_it():
    lead = LeadFactory()
    move_lead(lead, "hot", by=UserFactory(is_superuser=True), reason="talked to her")

    assert outbox.deliver_events() == 1
    assert not Alert.objects.unseen().exists()


def test_delivering_again_does_nothing():
    record_event(Event.Kind.PROVIDER_ALARM, title="Twilio refused the key")
    outbox.deliver_events()

    assert outbox.deliver_events() == 0
    assert Alert.objects.unseen().count() == 1


def test_a_failing_reaction_leaves_its_event_waiting_and_the_others_go_on(monkeypatch):
    def broken(event: Event) -> None:
        Alert.objects.create(kind="half", level="info", title="half done", key="half", created_at=timezone.now())
        raise RuntimeError("broken")

    monkeypatch.setattr(reactions, "REACTIONS", {**reactions.REACTIONS, Event.Kind.NOTE_ADDED: (broken,)})
    bad = record_event(Event.Kind.NOTE_ADDED, text="x")
    record_event(Event.Kind.PROVIDER_ALARM, title="down")

    assert outbox.deliver_events() == 1
    bad.refresh_from_db()
    assert bad.handled_at is None
    assert [alert.kind for alert in Alert.objects.unseen()] == ["provider"]


def test_an_event_that_fails_for_a_day_is_given_up_with_an_alert(monkeypatch, time_machine):
    def broken(event: Event) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(reactions, "REACTIONS", {Event.Kind.NOTE_ADDED: (broken,)})
    bad = record_event(Event.Kind.NOTE_ADDED, text="x")
    time_machine.move_to(timezone.now() + timedelta(hours=25))

    outbox.deliver_events()

    bad.refresh_from_db()
    assert bad.handled_at is not None
    assert Alert.objects.unseen().get().kind == "undelivered_event"


@pytest.mark.django_db(transaction=True)
def test_events_nobody_listens_to_are_handled_at_once(django_assert_num_queries):
    for number in range(20):
        record_event(Event.Kind.NOTE_ADDED, text=f"{number}")

    with django_assert_num_queries(4):  # two of them begin and end the transaction
        assert outbox.deliver_events() == 20

    assert not Event.objects.filter(handled_at__isnull=True).exists()


def test_the_task_asks_for_the_next_one_while_more_waits(monkeypatch, settings):
    valkey = redis.Redis.from_url(settings.REDIS_URL)
    cache.clear()
    valkey.delete("default")
    for number in range(3):
        record_event(Event.Kind.NOTE_ADDED, text=f"{number}")
    monkeypatch.setattr(outbox.deliver_events, "__defaults__", (2,))

    assert tasks.deliver_events() == 2
    assert valkey.llen("default") == 1
    valkey.delete("default")
    assert tasks.deliver_events() == 1
    assert valkey.llen("default") == 0
