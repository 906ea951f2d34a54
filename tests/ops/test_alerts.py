from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from config.outbox import deliver_events
from leads.events import record_event
from leads.models import Event, Lead
from leads.pipeline import move_lead
from ops.alerts import hot_lead, raise_alert
from ops.models import Alert
from outreach.models import ReplyLabel
from outreach.replies import apply_label
from tests.factories import LeadFactory, MessageFactory, PhoneNumberFactory, UserFactory

pytestmark = pytest.mark.django_db


def warm_lead():
    lead = LeadFactory(owner__name="THIBODEAUX MARIE")
    for stage in ("qualified", "contacted"):
        assert move_lead(lead, stage, by=None, reason="")
    return lead


def test_the_same_alert_is_raised_once():
    for title in ("First words", "Other words"):
        raise_alert(Alert.Level.WARNING, "provider", title, key="same")

    assert Alert.objects.get().title == "First words"


def test_a_lead_that_a_reply_made_hot_is_told_once_a_day():
    lead, now = LeadFactory(owner__name="THIBODEAUX MARIE"), timezone.now()

    for hours in (0, 23, 25):
        with time_machine.travel(now + timedelta(hours=hours), tick=False):
            hot_lead(lead, "“How much?”", timezone.now())

    assert Alert.objects.count() == 2
    assert {alert.title for alert in Alert.objects.all()} == {"Hot lead: THIBODEAUX MARIE"}


def test_a_lead_that_turns_hot_by_itself_is_an_alert_and_by_a_person_is_not():
    by_reply, by_person = warm_lead(), warm_lead()
    user = UserFactory(is_superuser=True)

    assert move_lead(by_reply, "hot", by=None, reason="Interested: “How much?”")
    assert move_lead(by_person, "hot", by=user, reason="On the telephone")
    deliver_events()

    alert = Alert.objects.get()
    assert (alert.lead, alert.detail) == (by_reply, "Interested: “How much?”")


def test_the_day_is_counted_from_the_reply_and_not_from_when_it_was_told():
    lead, now = LeadFactory(), timezone.now()

    with time_machine.travel(now + timedelta(hours=3), tick=False):
        hot_lead(lead, "told late", now)
    hot_lead(lead, "a minute before", now + timedelta(hours=24, minutes=-1))
    assert Alert.objects.count() == 1

    hot_lead(lead, "a day later", now + timedelta(hours=24))
    assert Alert.objects.count() == 2


def replied(lead, label, *, by=None):
    message = MessageFactory(lead=lead, owner=lead.owner, phone=PhoneNumberFactory(), market=lead.market)
    tier = "person" if by else "small"
    return apply_label(message, ReplyLabel(label=label, tier=tier, confidence=1, evidence="words", corrected_by=by))


@pytest.mark.parametrize("label", ["interested", "send_offer"])
@pytest.mark.parametrize("stage", ["hot", "offer_made", "under_contract"])
def test_who_asks_again_while_the_lead_is_hot_or_further_is_an_alert_once_a_day(label, stage):
    lead, now = warm_lead(), timezone.now()
    for step in ("hot", "offer_made", "under_contract"):
        assert lead.stage == stage or move_lead(lead, step, by=UserFactory(is_superuser=True), reason="")
        lead.refresh_from_db()

    for hours in (0, 1, 25):
        with time_machine.travel(now + timedelta(hours=hours)):
            replied(lead, label)
            deliver_events()

    assert (Lead.objects.get().stage, Alert.objects.count()) == (stage, 2)
    assert {alert.lead for alert in Alert.objects.all()} == {lead}
    assert Alert.objects.first().detail.endswith(": “words”")


def test_two_leads_of_one_owner_are_two_alerts_and_one_reply_is_one():
    first = warm_lead()
    second = LeadFactory(owner=first.owner)
    for lead in (first, second, first):
        replied(lead, "interested")

    deliver_events()

    assert sorted(Alert.objects.values_list("lead", flat=True)) == [first.pk, second.pk]


def test_what_a_person_labelled_or_is_asked_about_is_no_alert():
    known, ended = warm_lead(), warm_lead()
    assert move_lead(ended, "dead", by=None, reason="")
    replied(known, "interested", by=UserFactory(is_superuser=True))
    replied(ended, "interested")
    replied(warm_lead(), "confused")

    deliver_events()

    assert not Alert.objects.exists()


def test_the_providers_refusal_is_critical_and_told_once_per_event():
    record_event(Event.Kind.PROVIDER_ALARM, code=20003, title="Twilio refuses our credentials", detail="401")

    deliver_events()
    deliver_events()

    alert = Alert.objects.get()
    assert (alert.level, alert.title, alert.detail) == ("critical", "Twilio refuses our credentials", "401")


def test_a_campaign_that_pauses_itself_is_an_alert_and_one_that_a_person_pauses_is_not():
    record_event(Event.Kind.CAMPAIGN_PAUSED, campaign="Spring", reason="Too many opt-outs")
    record_event(Event.Kind.CAMPAIGN_PAUSED, campaign="Autumn", reason="Lunch", actor=UserFactory())

    deliver_events()

    assert [(alert.title, alert.detail) for alert in Alert.objects.all()] == [
        ("Campaign paused: Spring", "Too many opt-outs")
    ]
