from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from core.models import User
from leads.models import Event, Lead, Owner
from leads.stages import Stage
from markets.models import EmergencyHold, Market
from outreach.calls import call_about, fill_call_list, log_call, why_not_now
from outreach.models import CallTask, Consent, Suppression
from outreach.suppressions import active_reasons, suppress_number
from tests.factories import OwnerPhoneFactory, UserFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, agree, open_market, phone_of, reachable_lead

Outcome = CallTask.Outcome
pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return open_market()


@pytest.fixture
def rep() -> User:
    user: User = UserFactory()
    user.groups.add(Group.objects.get(name="rep"))
    return user


@pytest.fixture
def task(market: Market) -> CallTask:
    reachable_lead(market, consent=False)
    fill_call_list(market, 10)
    return CallTask.objects.get()


def log(task: CallTask, outcome: str, rep: User, **more: Any) -> Any:
    return log_call(task, outcome, note="", by=rep, **more)


def stage_of(task: CallTask) -> str:
    return str(Lead.objects.get(pk=task.lead_id).stage)


# the list


def test_owners_with_a_phone_and_no_consent_are_listed_best_first_once(market: Market) -> None:
    low, high = reachable_lead(market, consent=False, score=50), reachable_lead(market, consent=False, score=80)
    reachable_lead(market)
    assert fill_call_list(market, 1) == 1
    assert CallTask.objects.get().lead == high
    assert (fill_call_list(market, 10), fill_call_list(market, 10)) == (1, 0)
    assert {task.lead for task in CallTask.objects.all()} == {low, high}


def test_a_landline_can_be_called(market: Market) -> None:
    lead = reachable_lead(market, consent=False)
    phone = phone_of(lead)
    phone.line_type = "landline"
    phone.save()
    assert fill_call_list(market, 10) == 1
    assert CallTask.objects.get().phone == phone


def _do_not_call(lead: Lead) -> None:
    lead.owner.phone_links.update(do_not_call=True)


def _bad_number(lead: Lead) -> None:
    phone = phone_of(lead)
    phone.status = "bad"
    phone.save()


def _suppressed_number(lead: Lead) -> None:
    number_hash = phone_of(lead).number_hash
    Suppression.objects.create(number_hash=number_hash, reason="opt_out", created_at=timezone.now())


def _emergency(lead: Lead) -> None:
    EmergencyHold.objects.create(state="LA", starts_at=timezone.now(), reason="Hurricane")


def _consenting(lead: Lead) -> None:
    agree(lead.owner)


def _church(lead: Lead) -> None:
    Owner.objects.update(kind="church")


@pytest.mark.parametrize("spoil", [_do_not_call, _bad_number, _suppressed_number, _emergency, _consenting, _church])
def test_who_is_not_called(market: Market, spoil: Any) -> None:
    spoil(reachable_lead(market, consent=False))
    assert fill_call_list(market, 10) == 0
    assert CallTask.objects.count() == 0


# the outcomes


def test_interested_makes_the_lead_hot_and_is_written_down(task: CallTask, rep: User) -> None:
    assert log_call(task, Outcome.INTERESTED, note="wants 9k", by=rep)
    assert stage_of(task) == Stage.HOT
    event = Event.objects.of_kind(Event.Kind.CALL_LOGGED).get()
    assert (event.actor, event.data["outcome"], event.data["note"]) == (rep, "interested", "wants 9k")
    assert Consent.objects.count() == 0


def test_consent_is_recorded_only_with_the_owners_words(task: CallTask, rep: User) -> None:
    assert log(task, Outcome.INTERESTED, rep, consent_words="Yes, you can text me")
    consent = Consent.objects.get()
    assert (consent.basis, consent.evidence, consent.phone, consent.recorded_by) == (
        "verbal",
        "Yes, you can text me",
        task.phone,
        rep,
    )


def test_not_interested_ends_the_lead(task: CallTask, rep: User) -> None:
    assert log(task, Outcome.NOT_INTERESTED, rep)
    assert stage_of(task) == Stage.DEAD


def test_call_back_plans_the_next_call_at_that_date(task: CallTask, rep: User) -> None:
    at = timezone.now() + timedelta(days=5)
    assert log(task, Outcome.CALL_BACK, rep, call_back_at=at)
    following = CallTask.objects.open().get()
    assert (following.due_at, following.assigned_to, following.phone) == (at, rep, task.phone)
    assert stage_of(task) == Stage.CONTACTED


@pytest.mark.parametrize("at", [None, timedelta(hours=-1)])
def test_call_back_without_a_date_to_come_is_refused(task: CallTask, rep: User, at: timedelta | None) -> None:
    moment = timezone.now() + at if at else None
    assert log(task, Outcome.CALL_BACK, rep, call_back_at=moment).code == "no_date"
    assert CallTask.objects.open().get() == task
    assert Event.objects.of_kind(Event.Kind.CALL_LOGGED).count() == 0


def test_three_unanswered_calls_are_enough(task: CallTask, rep: User) -> None:
    for outcome in (Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.NO_ANSWER):
        open_task = CallTask.objects.open().get()
        assert log(open_task, outcome, rep)
    assert CallTask.objects.open().count() == 0
    assert CallTask.objects.count() == 3
    assert stage_of(task) == Stage.CONTACTED


def test_the_next_try_is_two_days_later(task: CallTask, rep: User) -> None:
    log(task, Outcome.NO_ANSWER, rep)
    wait = CallTask.objects.open().get().due_at - timezone.now()
    assert timedelta(hours=47) < wait <= timedelta(hours=48)
    assert stage_of(task) == Stage.QUALIFIED


def test_a_wrong_number_is_closed_and_the_next_one_called(task: CallTask, rep: User) -> None:
    other = OwnerPhoneFactory(owner=task.owner, rank=2).phone
    assert log(task, Outcome.WRONG_NUMBER, rep)
    assert task.owner.phone_links.get(phone=task.phone).until is not None
    assert CallTask.objects.open().get().phone == other
    log(CallTask.objects.open().get(), Outcome.WRONG_NUMBER, rep)
    assert CallTask.objects.open().count() == 0


def test_a_wrong_number_is_suppressed_as_after_a_reply_that_says_so(task: CallTask, rep: User) -> None:
    log(task, Outcome.WRONG_NUMBER, rep)
    stop = Suppression.objects.get()
    assert (bytes(stop.number_hash or b""), stop.reason) == (bytes(task.phone.number_hash), "wrong_number")
    assert (stop.evidence, stop.created_by) == ("Call: wrong number", rep)


def test_who_asks_to_be_left_alone_is_never_texted_or_called_again(task: CallTask, rep: User) -> None:
    other = reachable_lead(task.lead.market, consent=False, score=71)
    other.owner.phone_links.update(phone=task.phone)
    waits = call_about(other, task.phone, "First call", timezone.now())
    waits.save()
    assert log(task, Outcome.NOT_INTERESTED, rep, stop=True)
    assert active_reasons(task.phone, task.owner) == ["opt_out"]
    assert Suppression.objects.get().evidence == "Call: asked not to be contacted"
    waits.refresh_from_db()
    assert (waits.outcome, waits.note) == ("cancelled", "The number opted out.")


@pytest.mark.parametrize(
    ("outcome", "stop"), [(Outcome.NOT_INTERESTED, True), (Outcome.NO_ANSWER, False), (Outcome.WRONG_NUMBER, False)]
)
def test_a_consent_of_somebody_who_cannot_have_given_it_is_refused_openly(
    task: CallTask, rep: User, outcome: str, stop: bool
) -> None:
    assert log(task, outcome, rep, consent_words="Sure, text me", stop=stop).code == "no_consent"
    assert CallTask.objects.open().get() == task
    assert not Consent.objects.exists()
    assert not Suppression.objects.exists()


def test_a_number_that_was_stopped_since_is_not_to_be_called(task: CallTask, rep: User) -> None:
    assert why_not_now(task, MONDAY_MORNING) == ""
    suppress_number(task.phone, "litigator", evidence="a letter of counsel")
    assert why_not_now(task, MONDAY_MORNING) == "the number is suppressed: litigator"


def test_a_call_is_logged_once(task: CallTask, rep: User) -> None:
    log(task, Outcome.INTERESTED, rep)
    assert log(task, Outcome.NOT_INTERESTED, rep).code == "already_logged"
    assert stage_of(task) == Stage.HOT


def test_an_outcome_the_lead_cannot_take_changes_nothing(task: CallTask) -> None:
    outsider = UserFactory()
    assert log(task, Outcome.INTERESTED, outsider).code == "not_permitted"
    assert CallTask.objects.open().get() == task
    assert stage_of(task) == Stage.QUALIFIED
    assert Event.objects.of_kind(Event.Kind.CALL_LOGGED).count() == 0


def test_an_unknown_outcome_is_refused(task: CallTask, rep: User) -> None:
    assert log(task, "sold", rep).code == "unknown_outcome"
    assert CallTask.objects.open().get() == task
