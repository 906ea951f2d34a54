from __future__ import annotations

import pytest

from config.outbox import deliver_events
from leads.models import Event
from ops.models import Alert
from outreach.models import Message, ModelCall
from outreach.waiting_replies import label_waiting
from tests.factories import MessageFactory
from tests.outreach.conversations import contact

pytestmark = pytest.mark.django_db


def reply(body: str = "Everything has its price I reckon") -> Message:
    person = contact()
    return MessageFactory(
        phone=person.phone, owner=person.owner, lead=person.lead, market=person.lead.market, body=body
    )


@pytest.mark.parametrize("fault", ["truncated", "wrong_schema", "refusal"])
def test_an_answer_without_use_is_paid_for_all_the_same(openai, fault):
    openai.provoke(fault)
    reply()

    label_waiting()

    call = ModelCall.objects.get()
    assert call.outcome == "failed"
    assert call.tokens > 0
    assert call.cost > 0


def test_an_outage_is_told_once_a_day_when_a_person_has_to_read(openai):
    openai.provoke(*["500"] * 20)
    messages = [reply(), reply("Ask me after harvest")]

    for _ in range(8):
        label_waiting()
        Message.objects.filter(processed_at=None).update(claimed_at=None)
    deliver_events()

    assert Alert.objects.get().title.startswith("The language model is out of reach")
    for message in messages:
        message.refresh_from_db()
        assert (message.needs_person, message.error) == (True, "The language model could not be reached.")


def test_a_model_that_refuses_us_is_told_once_a_day_and_by_name(openai, settings):
    settings.OPENAI_API_KEY = "sk-wrong"
    messages = [reply(), reply("Ask me after harvest")]
    label_waiting()
    messages.append(reply("Cousin Ray handles that land"))
    label_waiting()

    deliver_events()

    alarm = Event.objects.of_kind(Event.Kind.PROVIDER_ALARM).get()
    assert (alarm.data["code"], alarm.data["detail"].partition(".")[0]) == (
        "reading_refused",
        "gpt-4o-mini: status 401",
    )
    assert Alert.objects.get().level == "critical"
    for message in messages:
        message.refresh_from_db()
        assert (message.needs_person, message.error) == (True, "The language model refuses our calls.")
