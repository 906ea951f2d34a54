from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from leads.models import Event
from markets.models import Market
from outreach.answer_cache import plain
from outreach.inbound import unprocessed_from
from outreach.language_model import ModelReading
from outreach.models import CachedAnswer, Message, ModelCall, ReadingPolicy, ReplyLabel
from outreach.reading import Reader, read_by_models
from outreach.replies import correct_label, label_by_rules_now, label_reply
from outreach.waiting_replies import label_waiting
from tests.factories import MarketFactory, MessageFactory, UserFactory
from tests.outreach.conversations import Contact, contact

pytestmark = pytest.mark.django_db
WORDS = "Everything has its price I reckon"
STORY = (
    "I spoke with my sister in Houston about the piece our parents left us on the bayou near Pierre Part last weekend "
    "and with the cousins in Texas about the taxes"
)


class Saying:
    def __init__(self, label: str = "interested", confidence: float = 0.95, evidence: str = "price") -> None:
        self.answer = ModelReading(label, confidence, evidence, "a-model", 100, 7, 20, Decimal("0.01"))
        self.asked: list[str] = []

    def read_reply(self, text: str) -> ModelReading:
        self.asked.append(text)
        return self.answer


def reply(body: str = WORDS, market: Market | None = None) -> tuple[Contact, Message]:
    person = contact()
    return person, MessageFactory(
        phone=person.phone, owner=person.owner, lead=person.lead, market=market or person.lead.market, body=body
    )


def set_policy(**values: object) -> None:
    policy = ReadingPolicy.objects.current()
    for name, value in values.items():
        setattr(policy, name, value)
    policy.save()


# The cache


def test_a_confident_answer_is_given_again_without_asking():
    _, first = reply()
    _, second = reply("everything has its price, I reckon!!", first.market)
    model = Saying()

    label_reply(first, model)
    again = label_reply(second, model)

    assert len(model.asked) == 1
    assert (again.label, again.tier, again.tokens, again.cost) == ("interested", "cache", 0, 0)
    assert again.evidence in second.body


def test_nearly_the_same_words_count_but_no_other_number_and_no_denial():
    _, first = reply("My cousins figure the place brings 500 an acre")
    model = Saying(evidence="My cousins")
    label_reply(first, model)

    for words, tier in (
        ("My cousins figure the place bringss 500 an acre", "cache"),
        ("My cousins figure the place brings 900 an acre", "small"),
        ("My cousins not figure the place brings 500 an acre", "small"),
    ):
        label = label_reply(reply(words, first.market)[1], model)
        assert (label.tier if label else "") == tier, words


def test_another_market_does_not_count():
    _, first = reply()
    _, second = reply(market=MarketFactory())
    model = Saying()

    label_reply(first, model)
    label_reply(second, model)

    assert len(model.asked) == 2


def test_an_answer_is_forgotten_when_its_time_is_over():
    _, first = reply()
    model = Saying()
    label_reply(first, model)

    with time_machine.travel(timezone.now() + timedelta(days=91)):
        label_reply(reply(market=first.market)[1], model)

    assert len(model.asked) == 2


def test_an_answer_that_is_not_sure_enough_any_more_is_asked_for_again():
    _, first = reply()
    model = Saying(confidence=0.92)
    label_reply(first, model)
    set_policy(cache_sure=Decimal("0.95"))

    label_reply(reply(market=first.market)[1], model)

    assert len(model.asked) == 2


@pytest.mark.parametrize("model", [Saying(confidence=0.85), Saying("opt_out", 0.99)])
def test_neither_an_unsure_answer_nor_an_opt_out_is_remembered(model):
    label_reply(reply()[1], model)

    assert ReplyLabel.objects.count() == 1
    assert not CachedAnswer.objects.exists()


def test_the_database_takes_no_opt_out_into_the_cache():
    with pytest.raises(IntegrityError), transaction.atomic():
        CachedAnswer.objects.create(
            market=MarketFactory(), words="x", label="opt_out", source="small", confidence=1, expires_at=timezone.now()
        )


def test_a_correction_changes_the_cache_at_once():
    _, first = reply()
    model = Saying()
    label_reply(first, model)

    correct_label(first, "confused", by=UserFactory(is_superuser=True))
    again = label_reply(reply(market=first.market)[1], model)

    assert (again.label, again.tier) == ("confused", "cache")
    assert CachedAnswer.objects.get().source == "person"


def test_what_a_person_said_of_the_same_words_goes_before_the_rules():
    _, first = reply("I pass by there every day")
    assert label_reply(first).label == "not_interested"

    correct_label(first, "interested", by=UserFactory(is_superuser=True))
    again, elsewhere = reply("i pass by there every day!", first.market)[1], reply(first.body, MarketFactory())[1]

    assert [(label.label, label.tier) for label in map(label_by_rules_now, (again, elsewhere))] == [
        ("interested", "cache"),
        ("not_interested", "rules"),
    ]


def test_what_a_person_said_of_a_short_reply_is_about_that_conversation():
    _, first = reply("No.")
    correct_label(first, "interested", by=UserFactory(is_superuser=True))

    assert label_reply(reply("No.", first.market)[1]).label == "not_interested"


def test_a_correction_to_opt_out_leaves_nothing_in_the_cache():
    _, first = reply()
    label_reply(first, Saying())

    correct_label(first, "opt_out", by=UserFactory(is_superuser=True))

    assert not CachedAnswer.objects.exists()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (f"{STORY} and she agreed", f"{STORY} and she argued"),
        ("Everything has its price 👍", "Everything has its price 👎"),
        ("Everything has its price :)", "Everything has its price :("),
        ("We Accept", "We Decline"),
        ("My cousins figure that", "My cousins figure that?"),
        ("My cousins figure the place brings .5 an acre", "My cousins figure the place brings 5 an acre"),
        ("My cousins figure the place brings 5½ an acre", "My cousins figure the place brings 51 an acre"),
        (f"There heirs agreed. {STORY}", f"Three heirs agreed. {STORY}"),
    ],
)
def test_an_answer_is_not_given_to_words_that_mean_something_else(said, meant):
    _, first = reply(said)
    model = Saying(evidence=said)
    label_reply(first, model)

    label_reply(reply(meant, first.market)[1], model)

    assert model.asked == [said, meant]


@pytest.mark.parametrize("body", ["Hi. $?", "thumbs 👎", "fine :(", ".5", "5½"])
def test_what_says_more_than_its_plain_words_is_not_remembered(body):
    assert plain(body) == ""


@pytest.mark.parametrize(
    ("one", "other"), [("Hi. ?", "hi???"), ("Call Bob", "CALL BOB!"), ("I want $ 500", "i want 500")]
)
def test_case_and_punctuation_make_no_other_reply(one, other):
    assert plain(one) == plain(other) != ""


def test_a_person_who_spoke_while_the_model_was_asked_is_not_overruled():
    _, first = reply()
    _, second = reply(market=first.market)

    class Slow(Saying):
        def read_reply(self, text: str) -> ModelReading:
            correct_label(first, "confused", by=UserFactory(is_superuser=True))
            return super().read_reply(text)

    label_reply(second, Slow())
    again = label_reply(reply(market=first.market)[1], Saying())

    assert (again.label, again.tier) == ("confused", "cache")


def test_an_answer_of_a_person_that_has_expired_makes_room():
    _, first = reply()
    correct_label(first, "confused", by=UserFactory(is_superuser=True))

    with time_machine.travel(timezone.now() + timedelta(days=91)):
        label_reply(reply(market=first.market)[1], Saying())

        assert label_reply(reply(market=first.market)[1], Saying()).label == "interested"


def test_a_long_story_is_not_remembered():
    assert plain("a long story about the land " * 10) == ""


# Small, then larger


def test_the_larger_model_is_asked_when_the_small_one_is_not_sure():
    small, large = Saying(confidence=0.6), Saying("send_offer", 0.9)

    found = read_by_models(WORDS, [Reader(small, "small", 0.8), Reader(large, "large", 0.7)])

    assert (found.label, found.tier, found.tokens, found.cost) == ("send_offer", "large", 200, Decimal("0.02"))


def test_invented_evidence_of_the_small_model_goes_to_the_larger_one_and_of_both_to_a_person():
    invents = Saying(evidence="sell it all")

    found = read_by_models(WORDS, [Reader(invents, "small", 0.8), Reader(invents, "large", 0.7)])

    assert (found.label, found.tokens) == ("", 200)
    assert "not in the reply" in found.why_person


def test_a_sure_small_model_is_enough():
    large = Saying()

    assert read_by_models(WORDS, [Reader(Saying(), "small", 0.8), Reader(large, "large", 0.7)]).tier == "small"
    assert large.asked == []


def test_models_and_thresholds_are_read_anew_for_every_batch(openai):
    _, first = reply()
    set_policy(small_model="tiny", small_sure=Decimal("0.99"), large_model="huge", large_sure=Decimal("0.5"))

    label_waiting()

    label = first.labels.get()
    assert (label.tier, label.model) == ("large", "huge")
    assert [entry["model"] for entry in openai.log()] == ["tiny", "huge"]
    assert label.cost == sum(call.cost for call in ModelCall.objects.all()) > 0
    assert label.tokens == sum(call.tokens for call in ModelCall.objects.all())

    set_policy(small_sure=Decimal("0.5"), small_model="better")
    reply("Maybe it might be time to let her go, numbers make sense")
    label_waiting()
    assert openai.log()[-1]["model"] == "better"


# Budget


@pytest.mark.parametrize("budget", [{"calls_per_day": 1}, {"dollars_per_day": Decimal("0.00")}])
def test_over_the_budget_replies_wait_for_a_person_and_one_alarm_is_raised(openai, budget):
    set_policy(replies_together=1, **budget)
    people = [reply(f"{WORDS}, number {n}")[0] for n in range(4)]

    label_waiting()

    asked = 1 if "calls_per_day" in budget else 0
    assert len(openai.log()) == ModelCall.objects.count() == asked
    held = Message.objects.filter(needs_person=True)
    assert held.count() == 4 - asked
    assert {message.error for message in held} == {"Today's budget for the language model is spent."}
    assert sum(unprocessed_from(person.phone) for person in people) == 4 - asked
    alarm = Event.objects.of_kind(Event.Kind.PROVIDER_ALARM).get()
    assert alarm.data["code"] == "reading_budget"


def test_tomorrow_the_budget_is_new(openai):
    set_policy(calls_per_day=1)
    reply()
    label_waiting()

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        _, message = reply("Everything has its price, even that old piece")
        label_waiting()

    assert len(openai.log()) == 2
    assert message.labels.exists()


def test_a_call_that_failed_is_counted_too(openai):
    openai.provoke("500")
    reply()

    label_waiting()

    call = ModelCall.objects.get()
    assert (call.outcome, call.cost) == ("failed", 0)
    assert "out of reach" in call.detail
