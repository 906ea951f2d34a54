"""The evidence packet of one number: that everything is in it, who may take it out, and that each export is logged."""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from core.phones import mask
from leads.models import Lead, PhoneNumber
from local.twilio_simulator import TwilioSimulator
from ops.evidence import gather_evidence
from ops.evidence_pdf import as_pdf, printable
from ops.models import PersonalDataAccess
from ops.reveals import reveal_phone
from outreach.campaigns import launch_campaign
from outreach.consents import record_consent
from outreach.gate import RULE_SET_VERSION
from outreach.inbound import process_waiting
from outreach.models import GateDecision, Message, Suppression
from outreach.sending import send_due
from outreach.suppressions import lift_suppression, suppress_number, suppress_owner
from outreach.wording import readable
from tests.factories import OwnerFactory, OwnerPhoneFactory, PhoneNumberFactory, UserFactory
from tests.outreach.campaign_setting import (
    MONDAY_MORNING,
    SUNDAY_MORNING,
    draft_campaign,
    open_market,
    phone_of,
    reachable_lead,
    text_of,
)
from tests.outreach.conftest import running_twilio, twilio_simulator  # noqa: F401 (fixtures)
from tests.outreach.twilio_requests import stored_status, stored_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(SUNDAY_MORNING, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def lead(twilio_simulator: TwilioSimulator, clock: time_machine.Coordinates) -> Lead:  # noqa: F811
    """Held on Sunday, sent and delivered on Monday, answered, stopped, lifted by mistake, stopped again."""
    lead = reachable_lead(open_market(contact_start="08:00"), number="+12255781234", name="THIBODEAUX MARIE")
    assert launch_campaign(draft_campaign(lead.market), by=None)
    send_due()
    clock.move_to(MONDAY_MORNING)
    send_due()
    text = text_of(lead)
    clock.shift(timedelta(seconds=4))
    stored_status(text.token, str(text.sid), "delivered", RawDlrDoneDate="2609141101")
    stored_text("+12255781234", "¿Cuánto? 😀 <b>&", 1)
    process_waiting()
    clock.shift(timedelta(minutes=5))
    stored_text("+12255781234", "STOP", 2)
    process_waiting()
    stop = Suppression.objects.get()
    assert lift_suppression(stop, by=UserFactory(username="dana"), reason="Pressed by mistake")
    reveal_phone(phone_of(lead), owner=lead.owner, by=UserFactory(username="rene"))
    return lead


def url_of(phone: PhoneNumber) -> str:
    return reverse("admin:evidence", args=[phone.pk])


def export(client: Any, phone: PhoneNumber, kind: str, reason: str = "Letter of counsel") -> Any:
    return client.post(url_of(phone), {"kind": kind, "reason": reason})


def rows_of(response: Any) -> list[dict[str, str]]:
    content = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))


def words_of(pdf: bytes) -> str:
    """What is drawn on its pages, in order: reportlab writes a line of text as (…) Tj within compressed streams."""
    from base64 import a85decode

    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    drawn = b" ".join(zlib.decompress(a85decode(stream.strip(), adobe=False)) for stream in map(_without_end, streams))
    lines = re.findall(rb"\(((?:\\.|[^\\)])*)\) Tj", drawn)
    return " ".join(_unescaped(line).decode("cp1252", errors="replace") for line in lines)


def _without_end(stream: bytes) -> bytes:
    return stream.strip().removesuffix(b"~>")


def _unescaped(line: bytes) -> bytes:
    octal = re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), line)
    return re.sub(rb"\\(.)", rb"\1", octal)


def test_the_spreadsheet_holds_everything_in_order(client, person, lead) -> None:
    user = person("manager")

    response = export(client, phone_of(lead), "CSV")

    rows = rows_of(response)
    kinds = [row["kind"] for row in rows]
    assert kinds[0] == "packet"
    assert "(225) 578-1234" in rows[0]["words"]
    assert "not legal advice" in rows[0]["words"]
    assert kinds.count("consent") >= 1
    assert {"consent withdrawn", "stop", "stop lifted", "text out", "text in", "gate", "attempt", "delivery"} <= {
        *kinds
    }
    held, allowed = (row for row in rows if row["kind"] == "gate")
    assert (held["state"], held["words"]) == ("held", "held until Mon 8:00 Central: Sunday in Louisiana")
    assert allowed["local_times"] == "America/Chicago Mon 2026-09-14 11:00 CDT"
    assert allowed["states_considered"] == "LA"
    assert allowed["rule_set"].startswith(f"{RULE_SET_VERSION}, rules of ")
    assert {"consent", "hours", "suppression"} <= {row["rule"] for row in json.loads(allowed["verdicts"])}
    assert [row["words"] for row in rows if row["kind"] == "text in"] == ["¿Cuánto? 😀 <b>&", "STOP"]
    sender = readable(lead.market.sender_numbers.get().number)
    assert {row["our_number"] for row in rows if row["kind"] == "text out"} == {sender}
    lifted = next(row for row in rows if row["kind"] == "stop lifted")
    assert (lifted["who"], lifted["words"]) == ("dana", "Pressed by mistake")
    seen = [(row["state"], row["who"]) for row in rows if row["kind"] == "seen"]
    assert seen == [("phone number", "rene"), ("evidence packet (CSV)", user.username)]
    assert all(row["utc"] and row["local"] for row in rows)


def test_the_document_says_the_same_on_numbered_pages(client, person, lead) -> None:
    person("manager")

    response = export(client, phone_of(lead), "PDF")

    pdf = response.content
    assert response["Content-Type"] == "application/pdf"
    assert pdf.startswith(b"%PDF")
    shown = words_of(pdf)
    for words in (
        "Evidence packet for (225) 578-1234",
        "Letter of counsel",
        "Engineering records, not legal advice.",
        "America/Chicago",
        "Page 1 of",
        "held until Mon 8:00 Central: Sunday in Louisiana",
        "states considered LA",
        "Pressed by mistake",
        "¿Cuánto? [U+1F600 GRINNING FACE] < b > &",  # each mark is drawn by itself
        "delivered",
        "rene: phone number",
    ):
        assert words in shown, words


def test_the_file_is_not_named_by_the_number(client, person, lead) -> None:
    person("manager")
    for kind in ("PDF", "CSV"):
        named = export(client, phone_of(lead), kind)["Content-Disposition"]
        assert "5781234" not in named.replace("-", "")
        assert f"evidence-phone-{phone_of(lead).pk}-" in named


def test_each_export_is_on_record_with_its_reason_and_the_page_alone_is_not(client, person, lead) -> None:
    user = person("manager")
    before = PersonalDataAccess.objects.count()
    page = client.get(url_of(phone_of(lead))).content.decode()
    assert PersonalDataAccess.objects.count() == before
    assert mask("+12255781234") in page
    assert "5781234" not in page

    export(client, phone_of(lead), "PDF")

    look = PersonalDataAccess.objects.latest("pk")
    assert (look.user, look.what, look.phone, look.reason) == (
        user,
        "evidence packet (PDF)",
        phone_of(lead),
        "Letter of counsel",
    )


@pytest.mark.parametrize(("kind", "reason"), [("PDF", " "), ("DOC", "Letter of counsel"), ("", "Letter of counsel")])
def test_without_a_reason_or_a_known_kind_nothing_is_given_out(client, person, lead, kind, reason) -> None:
    person("manager")
    before = PersonalDataAccess.objects.count()

    response = export(client, phone_of(lead), kind, reason)

    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert PersonalDataAccess.objects.count() == before


def test_a_rep_and_a_person_without_a_role_get_nothing(client, person, lead) -> None:
    person("rep")
    before = PersonalDataAccess.objects.count()
    assert client.get(url_of(phone_of(lead))).status_code == 403
    assert export(client, phone_of(lead), "PDF").status_code == 403
    client.force_login(UserFactory())
    assert export(client, phone_of(lead), "CSV").status_code == 403
    client.logout()
    assert export(client, phone_of(lead), "CSV").status_code == 302
    assert PersonalDataAccess.objects.count() == before


def test_it_is_reached_from_the_lead_the_owner_the_number_and_the_stop_by_those_who_may(client, person, lead) -> None:
    phone = phone_of(lead)
    stop, _ = suppress_number(phone, "opt_out", evidence="STOP")
    of_owner, _ = suppress_owner(lead.owner, "deceased", evidence="A letter")
    pages = [record.get_absolute_url() for record in (lead, lead.owner, phone)]
    pages += [reverse("admin:outreach_suppression_change", args=[row.pk]) for row in (stop, of_owner)]

    person("manager")
    for page in pages:
        assert url_of(phone) in client.get(page).content.decode(), page
    person("rep")
    for page in pages:
        assert url_of(phone) not in client.get(page).content.decode(), page


def test_a_stop_of_a_number_we_no_longer_have_says_so(client, person) -> None:
    person("manager")
    phone = PhoneNumberFactory()
    stop, _ = suppress_number(phone, "opt_out", evidence="STOP")
    phone.delete()

    page = client.get(reverse("admin:outreach_suppression_change", args=[stop.pk])).content.decode()

    assert "the number itself is not in our records" in page


def test_an_unknown_number_is_not_found(client, person) -> None:
    person("manager")
    assert client.get(reverse("admin:evidence", args=[999])).status_code == 404


def test_former_owners_and_their_stops_belong_to_it_and_other_numbers_do_not() -> None:
    phone = PhoneNumberFactory()
    former, stranger = OwnerFactory(name="FONTENOT LUC"), OwnerFactory(name="GUIDRY ZOE")
    OwnerPhoneFactory(owner=former, phone=phone, until=SUNDAY_MORNING, end_reason="reassigned")
    record_consent(former, "web_form", evidence="form")
    record_consent(former, "web_form", evidence="other number", phone=PhoneNumberFactory())
    record_consent(stranger, "web_form", evidence="form of a stranger")
    suppress_owner(former, "deceased", evidence="letter")
    suppress_owner(stranger, "deceased", evidence="letter")

    packet = gather_evidence(phone, by=UserFactory(), reason="test")

    assert [consent.evidence for consent in packet.consents] == ["form"]
    assert [stop.owner for stop in packet.suppressions] == [former]
    assert "FONTENOT LUC" in words_of(as_pdf(packet))


def test_a_number_about_which_nothing_is_known_has_a_packet_too() -> None:
    shown = words_of(as_pdf(gather_evidence(PhoneNumberFactory(), by=UserFactory(), reason="test")))
    assert "No consent was ever recorded." in shown
    assert "No text has gone either way." in shown


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number_of_texts(
    client, person, warmed, lead, count, django_assert_num_queries
) -> None:
    person("manager")
    many_texts(phone_of(lead), count)
    warmed(url_of(phone_of(lead)))

    with django_assert_num_queries(12):
        client.get(url_of(phone_of(lead)))


def test_five_hundred_texts_are_many_pages_and_all_there(lead) -> None:
    phone = phone_of(lead)
    many_texts(phone, 500)

    shown = words_of(as_pdf(gather_evidence(phone, by=UserFactory(), reason="test")))

    pages = int(re.findall(r"Page 1 of (\d+)", shown)[0])
    assert pages > 50
    assert f"Page {pages} of {pages}" in shown
    assert all(f"Text number {number} about" in shown for number in range(500))


def many_texts(phone: PhoneNumber, count: int) -> None:
    texts = Message.objects.bulk_create(
        Message(
            direction="out", origin="reply", state="delivered", sid=f"SMmany{number}", phone=phone,
            due_at=MONDAY_MORNING,
            body=f"Text number {number} about your land: {'x' * (number % 1500)}",
        )
        for number in range(count)
    )  # fmt: skip
    verdicts = [{"rule": f"rule_{number}", "outcome": "allowed", "reason": "because"} for number in range(14)]
    GateDecision.objects.bulk_create(
        GateDecision(
            message=text, outcome="allowed", summary="allowed", verdicts=verdicts, states=["LA", "TX"],
            local_times={"America/Chicago": "Mon 11:00"}, rule_set="2", decided_at=MONDAY_MORNING,
        )
        for text in texts
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It’s “2½” – né", "It’s “2½” – né"),
        ("a<b>&\nc\td", "a&lt;b&gt;&amp;<br/>c d"),
        ("Ж\x07", "[U+0416 CYRILLIC CAPITAL LETTER ZHE][U+0007 unnamed]"),
    ],
)
def test_letters_the_paper_has_not_are_named(text: str, shown: str) -> None:
    assert printable(text) == shown
