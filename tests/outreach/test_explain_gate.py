"""manage.py explain_gate: the gate's own decision, in words, for leads and numbers, with nothing written."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from leads.models import PhoneNumber
from markets.models import EmergencyHold
from outreach.gate import RULE_SET_VERSION, RULES
from outreach.gatekeeper import judge
from outreach.models import GateDecision, Message
from outreach.suppressions import suppress_number
from outreach.wording import write_step
from tests.factories import LeadFactory, OwnerPhoneFactory, SenderNumberFactory
from tests.outreach.campaign_setting import (
    MONDAY_MORNING,
    SUNDAY_MORNING,
    draft_campaign,
    open_market,
    phone_of,
    reachable_lead,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning(settings: LazySettings) -> Iterator[None]:
    settings.LIVE_SENDING, settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = True, "AC1", "secret"
    with time_machine.travel(MONDAY_MORNING, tick=False):
        yield


def explain(*options: str) -> str:
    out = io.StringIO()
    call_command("explain_gate", *options, stdout=out)
    return out.getvalue()


def explained(*options: str) -> dict[str, Any]:
    (line,) = explain(*options, "--json").splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def from_stdin(monkeypatch: pytest.MonkeyPatch, lines: str, *options: str) -> list[dict[str, Any]]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode()), encoding="utf-8"))
    return [json.loads(line) for line in explain("--json", *options).splitlines()]


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    return {row["rule"]: row["outcome"] for row in found["verdicts"] if row["outcome"] != "allowed"}


def test_a_lead_that_may_be_texted() -> None:
    lead = reachable_lead(open_market())

    found = explained("--lead", str(lead.pk))

    assert (found["decision"], found["reason"], found["next_allowed"]) == (
        "allowed",
        "allowed",
        "2026-09-14T11:00:00-05:00",
    )
    assert [row["rule"] for row in found["verdicts"]] == [rule.__name__ for rule in RULES]
    assert found["states"] == {"LA": ["parcel", "mailing address", "area code", "the market's own hours"]}
    assert found["local_times"] == {"America/Chicago": "Mon 2026-09-14 11:00 CDT"}
    assert found["rule_set"].startswith(f"{RULE_SET_VERSION}, rules of ")
    assert (found["lead"], found["text"]) == (lead.pk, "sample")
    assert phone_of(lead).number not in json.dumps(found)
    assert found["phone"].endswith(phone_of(lead).number[-2:])


def test_sunday_in_louisiana_is_told_in_words() -> None:
    lead = reachable_lead(open_market())

    said = explain("--lead", str(lead.pk), "--at", SUNDAY_MORNING.isoformat())

    assert "held until Mon 9:00 Central: Sunday in Louisiana" in said
    assert "next allowed by time alone: Mon 9:00 Central (2026-09-14T09:00:00-05:00)" in said
    assert "hours         held: Sunday in Louisiana" in said
    assert phone_of(lead).number not in said


def test_it_says_what_the_gate_says_of_the_waiting_text_and_writes_nothing() -> None:
    lead = reachable_lead(open_market())
    step = draft_campaign(lead.market).steps.get()
    message = write_step(step, lead, phone_of(lead), lead.market.sender_numbers.get())
    assert message is not None
    message.save()

    found = explained("--lead", str(lead.pk), "--at", SUNDAY_MORNING.isoformat())

    assert (found["text"], GateDecision.objects.count()) == (message.pk, 0)
    assert Message.objects.get().state == "queued"
    decision = judge(Message.objects.with_everything().get(), SUNDAY_MORNING)
    assert (found["decision"], found["reason"]) == (decision.outcome, decision.reason)
    assert [row["reason"] for row in found["verdicts"]] == [verdict.reason for verdict in decision.verdicts]


def test_blocked_for_want_of_consent_still_tells_the_hours_apart() -> None:
    lead = reachable_lead(open_market(), consent=False)

    found = explained("--lead", str(lead.pk), "--at", SUNDAY_MORNING.isoformat())

    assert (found["decision"], found["until"]) == ("blocked", None)
    assert verdicts(found) == {"consent": "blocked", "hours": "held"}
    assert found["next_allowed"] == "2026-09-14T09:00:00-05:00"


def test_an_open_ended_emergency_has_no_next_time() -> None:
    lead = reachable_lead(open_market())
    EmergencyHold.objects.create(state="LA", starts_at=MONDAY_MORNING - timedelta(hours=1), reason="Hurricane")

    found = explained("--lead", str(lead.pk))

    assert (found["decision"], found["next_allowed"]) == ("held", None)
    assert "nobody knows when" in explain("--lead", str(lead.pk))


def test_a_number_nobody_knows_is_judged_by_its_area_code() -> None:
    open_market()
    SenderNumberFactory(market=None)

    found = explained("--phone", "+19155550123", "--at", "2026-09-14T07:30-06:00")

    assert PhoneNumber.objects.count() == 0
    assert (found["decision"], found["known"], found["lead"]) == ("blocked", False, None)
    assert verdicts(found) == {"consent": "blocked", "line": "held", "hours": "held"}
    assert found["states"]["TX"] == ["area code"]
    assert "America/Denver" in found["local_times"]
    assert found["next_allowed"] == "2026-09-14T10:00:00-05:00"  # 9:00 in El Paso
    assert found["phone"] == "(915) •••-••23"


def test_an_unknown_number_that_said_stop_is_known_to_have_said_so() -> None:
    open_market()
    phone = PhoneNumber.objects.known("+12255550123")
    suppress_number(phone, "opt_out", evidence="STOP")
    phone.delete()

    found = explained("--phone", "+1 225 555 0123")

    assert verdicts(found)["suppression"] == "blocked"


def test_a_number_we_know_is_judged_for_its_owners_lead() -> None:
    lead = reachable_lead(open_market(), number="+12255551234", mailing_state="TX")

    found = explained("--phone", "(225) 555-1234")

    assert (found["lead"], found["decision"]) == (lead.pk, "allowed")
    assert found["states"]["TX"] == ["mailing address"]


def test_an_answer_may_rest_on_what_the_owner_wrote() -> None:
    lead = reachable_lead(open_market(), consent=False)
    Message.objects.create(
        direction="in", origin="inbound", state="received", phone=phone_of(lead), owner=lead.owner, body="Yes?",
        due_at=MONDAY_MORNING - timedelta(hours=1), processed_at=MONDAY_MORNING,
    )  # fmt: skip

    assert explained("--lead", str(lead.pk))["decision"] == "blocked"
    assert explained("--lead", str(lead.pk), "--reply")["decision"] == "allowed"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--lead", "999999"), "there is no lead 999999"),
        (("--lead", "9" * 5000), "there is no lead 9999999999999999999999999999999999999999…:"),
        (("--lead", "twelve"), "“twelve” is no lead id"),
        (("--lead", "²"), "is no lead id"),
        (("--phone", "+1225"), "no telephone number"),
        (("--phone", ""), "no telephone number"),
        (("--lead", "1", "--at", "2026-09-14T08:00"), "has no time zone: write it like"),
        (("--lead", "a\nb"), "“a.b” is no lead id"),
        (("--lead", "1", "--at", "monday"), "“monday” is no time: write it like"),
        (("--lead", "1", "--at", "0001-01-01T00:00+14:00"), "is no time"),
        (("--lead", "1", "--at", "9000-01-01T00:00Z"), "too far away"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(options: tuple[str, ...], words: str) -> None:
    open_market()
    with pytest.raises(CommandError, match=words) as refusal:
        explain(*options)
    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)


def test_a_lead_without_a_number_says_what_to_do() -> None:
    lead = LeadFactory(market=open_market())
    with pytest.raises(CommandError, match="no phone number in use: send a letter instead"):
        explain("--lead", str(lead.pk))


def test_a_lead_whose_only_number_is_a_landline_is_explained() -> None:
    lead = LeadFactory(market=open_market())
    link = OwnerPhoneFactory(owner=lead.owner)
    link.phone.line_type = "landline"
    link.phone.save()

    assert verdicts(explained("--lead", str(lead.pk)))["line"] == "blocked"


def test_items_on_standard_input_are_answered_in_order_and_errors_in_their_place(monkeypatch) -> None:
    lead = reachable_lead(open_market())
    timed = f"{lead.pk}\t{SUNDAY_MORNING.isoformat()}\r\n\n+19155550123 2026-09-14 12:00Z\n"
    lines = f"{lead.pk}\n{timed}nobody\n{lead.pk} noon\n+1"

    found = from_stdin(monkeypatch, lines)

    assert [row.get("decision") for row in found] == ["allowed", "held", None, "blocked", None, None, None]
    errors = [row["error"] for row in found if "error" in row]
    assert [error.split(":")[0] for error in errors] == [
        "the line is empty",
        "“nobody” is no lead id",
        "“noon” is no time",
        "this is no telephone number",
    ]


def test_a_number_may_be_written_with_blanks(monkeypatch) -> None:
    open_market()
    lines = "+1 225 555 0123\n(225) 555-0123\n+1 225 555 0123 2026-09-14 08:00-05:00\n+1 225 555 0123 noon\n"

    found = from_stdin(monkeypatch, lines)

    assert [row.get("phone") for row in found] == ["(225) •••-••23"] * 3 + [None]
    assert found[2]["at"] == "2026-09-14T08:00:00-05:00"


def test_without_a_market_there_is_nothing_to_judge_by() -> None:
    with pytest.raises(CommandError, match="there is no market to text for"):
        explain("--phone", "+12255550123")
