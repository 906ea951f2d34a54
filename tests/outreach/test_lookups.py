"""Asking what kind of line a number is: once in 90 days, within the day's budget, and never without the live switch."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import LazySettings
from django.db import connection

from leads.models import PhoneNumber
from local.twilio_simulator import TwilioSimulator
from markets.models import Market
from outreach import lookups
from outreach.lookups import check_due_lines, check_line
from outreach.models import PhoneLookup
from tests.factories import MarketFactory, MessageFactory, PhoneNumberFactory, UserFactory
from tests.outreach.campaign_setting import MONDAY_MORNING
from tests.outreach.test_twilio_provider import a_server_that_answers

pytestmark = pytest.mark.django_db
NOW = MONDAY_MORNING


def unknown_phone(**fields: object) -> PhoneNumber:
    phone: PhoneNumber = PhoneNumberFactory(**{"line_type": "unknown", "status": "unchecked"} | fields)
    return phone


def waiting_text(market: Market, phone: PhoneNumber | None = None) -> PhoneNumber:
    phone = phone or unknown_phone()
    MessageFactory(direction="out", origin="reply", state="queued", phone=phone, market=market, due_at=NOW)
    return phone


def test_what_a_look_up_says_is_written_down_with_its_cost(twilio_simulator: TwilioSimulator) -> None:
    phone = unknown_phone(number="+12255780005")

    assert check_line(phone, MarketFactory(lookup_cost=Decimal("0.0050")), NOW)

    phone.refresh_from_db()
    assert (phone.line_type, phone.status, phone.checked_at) == ("mobile", "active", NOW)
    lookup = PhoneLookup.objects.get()
    assert (lookup.phone, lookup.line_type, lookup.carrier) == (phone, "mobile", phone.carrier)
    assert (lookup.valid, lookup.answered_at, lookup.cost, lookup.error) == (True, NOW, Decimal("0.0050"), "")


def test_a_number_that_does_not_exist_is_marked_bad(twilio_simulator: TwilioSimulator) -> None:
    phone = unknown_phone(number="+12250001234")

    assert check_line(phone, MarketFactory(), NOW)

    phone.refresh_from_db()
    assert (phone.line_type, phone.status) == ("other", "bad")
    assert phone.status_reason == "Look-up: not a valid number"
    assert PhoneLookup.objects.get().valid is False


@pytest.mark.parametrize(("days", "asked"), [(0, 1), (89, 1), (90, 2)])
def test_no_number_is_asked_about_twice_within_90_days(
    twilio_simulator: TwilioSimulator, days: int, asked: int
) -> None:
    phone, market = unknown_phone(), MarketFactory()
    assert check_line(phone, market, NOW)

    assert check_line(phone, market, NOW + timedelta(days=days)) is (asked == 2)

    assert PhoneLookup.objects.count() == asked


def test_a_question_nobody_answered_counts_as_asked(twilio_simulator: TwilioSimulator) -> None:
    phone, market = unknown_phone(), MarketFactory()
    later = NOW + timedelta(days=90)
    PhoneLookup.objects.create(phone=phone, market=market, asked_at=NOW, cost=0, ask_again_at=later)
    waiting_text(market, phone)

    assert check_due_lines(10, NOW + timedelta(days=1)) == 0
    assert PhoneLookup.objects.count() == 1


def test_the_days_budget_of_a_market_is_kept_and_starts_again_at_its_midnight(
    twilio_simulator: TwilioSimulator,
) -> None:
    market, other = MarketFactory(lookups_per_day=2), MarketFactory(lookups_per_day=1)
    for _ in range(3):
        waiting_text(market)
    waiting_text(other)

    assert check_due_lines(10, NOW) == 3
    assert check_due_lines(10, NOW + timedelta(hours=12)) == 0  # 23:00 in Louisiana
    assert check_due_lines(10, NOW + timedelta(hours=14)) == 1

    assert PhoneLookup.objects.asked_in(market, NOW) == 3


def test_a_budget_of_nothing_asks_nothing(twilio_simulator: TwilioSimulator) -> None:
    waiting_text(MarketFactory(lookups_per_day=0))

    assert check_due_lines(10, NOW) == 0
    assert not PhoneLookup.objects.exists()


@pytest.mark.parametrize("missing", ["LIVE_SENDING", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
def test_without_switch_and_credentials_nothing_is_asked(
    twilio_simulator: TwilioSimulator, settings: LazySettings, missing: str
) -> None:
    setattr(settings, missing, "")
    market = MarketFactory()
    phone = waiting_text(market)

    assert check_due_lines(10, NOW) == 0
    assert not check_line(phone, market, NOW)
    assert not PhoneLookup.objects.exists()


def test_only_unknown_numbers_about_to_be_texted_are_asked_about(twilio_simulator: TwilioSimulator) -> None:
    market = MarketFactory()
    due = waiting_text(market)
    waiting_text(market, PhoneNumberFactory(line_type="landline"))
    unknown_phone()

    assert check_due_lines(10, NOW) == 1
    assert PhoneLookup.objects.get().phone == due


def test_what_a_person_entered_about_a_number_stays(twilio_simulator: TwilioSimulator) -> None:
    phone = unknown_phone(number="+12255780005")
    phone.carrier = "Cox"
    phone._history_user = UserFactory()
    phone.save()

    assert check_line(phone, MarketFactory(), NOW)

    phone.refresh_from_db()
    assert (phone.line_type, phone.carrier, phone.checked_at) == ("unknown", "Cox", NOW)
    assert PhoneLookup.objects.get().line_type == "mobile"


@pytest.mark.parametrize(("status", "hours"), [(429, 1), (503, 1), (401, 24), (404, 24)])
def test_a_refused_question_costs_nothing_and_is_asked_again(
    twilio_simulator: TwilioSimulator, settings: LazySettings, status: int, hours: int
) -> None:
    phone, market = unknown_phone(number="+12252345678"), MarketFactory()

    with a_server_that_answers(refusal(status, "No /PhoneNumbers/+12252345678")) as base_url:
        settings.TWILIO_BASE_URL = base_url
        assert not check_line(phone, market, NOW)

    lookup = PhoneLookup.objects.get()
    assert (lookup.cost, lookup.answered_at, lookup.ask_again_at) == (0, None, NOW + timedelta(hours=hours))
    assert "No /PhoneNumbers/" in lookup.error
    assert "2345678" not in lookup.error
    phone.refresh_from_db()
    assert (phone.line_type, phone.checked_at) == ("unknown", None)


def refusal(status: int, message: str) -> bytes:
    body = json.dumps({"code": 20000, "message": message, "status": status}).encode()
    return b"HTTP/1.1 %d Refused\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"], ids=["none", "cut off"])
def test_a_question_that_may_have_been_billed_counts_as_asked(
    twilio_simulator: TwilioSimulator, settings: LazySettings, answer: bytes
) -> None:
    with a_server_that_answers(answer) as base_url:
        settings.TWILIO_BASE_URL = base_url
        assert not check_line(unknown_phone(), MarketFactory(lookup_cost=Decimal("0.0050")), NOW)

    lookup = PhoneLookup.objects.get()
    assert (lookup.cost, lookup.ask_again_at) == (Decimal("0.0050"), NOW + timedelta(days=90))
    assert lookup.error


def test_a_provider_that_is_not_there_was_not_asked(twilio_simulator: TwilioSimulator, settings: LazySettings) -> None:
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    phone, market = unknown_phone(), MarketFactory()

    assert not check_line(phone, market, NOW)
    settings.TWILIO_BASE_URL = twilio_simulator.base_url

    assert check_line(phone, market, NOW + timedelta(hours=1))
    assert list(PhoneLookup.objects.order_by("id").values_list("cost", flat=True)) == [0, market.lookup_cost]


def test_texts_whose_lines_are_known_do_not_wait_long_behind_look_ups(
    twilio_simulator: TwilioSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_text(MarketFactory())
    monkeypatch.setattr(lookups, "LOOKING_UP", 0.0)
    assert check_due_lines(10, NOW) == 0
    assert not PhoneLookup.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_ask_once(twilio_simulator: TwilioSimulator) -> None:
    phone, market, answers = unknown_phone(), MarketFactory(), []

    def work() -> None:
        answers.append(check_line(phone, market, NOW))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(answers) == [False, False, False, True]
    assert PhoneLookup.objects.count() == 1
