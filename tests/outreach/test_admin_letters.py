"""The letters page: how many wait, the export, the file, and who may have it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from core.models import User
from leads.models import Lead
from markets.models import Market
from outreach.letter_pdf import printable
from outreach.letters import COLUMNS, export_letters, letter_rows
from outreach.models import Letter, LetterExport, MessageTemplate, SenderNumber
from tests.factories import MarketFactory, MessageTemplateFactory, TemplateVariantFactory
from tests.outreach.campaign_setting import open_market, reachable_lead

pytestmark = pytest.mark.django_db
LIST = reverse("admin:outreach_letterexport_changelist")
ADD = reverse("admin:outreach_letterexport_add")
Person = Callable[[str], User]


@pytest.fixture
def market() -> Market:
    return open_market(name="A market", mailing_address="PO Box 1, Baton Rouge, LA 70801")


@pytest.fixture
def template() -> MessageTemplate:
    letter: MessageTemplate = MessageTemplateFactory(purpose="letter", name="Autumn letter")
    TemplateVariantFactory(template=letter, body="Dear {{owner_name}}, text {{letter_code}} to {{sender_phone}}.")
    return letter


def made(market: Market, template: MessageTemplate) -> LetterExport:
    result = export_letters(market, template, by=None)
    assert result.value, result.message
    return result.value


def download(export: LetterExport) -> str:
    return reverse("admin:outreach_letterexport_download", args=[export.pk])


def text_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    client: Client,
    person: Person,
    market: Market,
    template: MessageTemplate,
    count: int,
    django_assert_num_queries: Any,
    warmed: Callable[[str], object],
) -> None:
    person("manager")
    LetterExport.objects.bulk_create([LetterExport(market=market, template=template, count=5) for _ in range(count)])
    warmed(LIST)
    with django_assert_num_queries(8):
        response = client.get(LIST)
    assert response.content.count(b'class="field-made_at') == count


def test_the_page_says_how_many_owners_of_the_chosen_market_wait(
    client: Client, person: Person, market: Market, template: MessageTemplate
) -> None:
    person("manager")
    other = MarketFactory(name="Z market")
    reachable_lead(market, consent=False)
    reachable_lead(market, consent=False)
    reachable_lead(market)
    assert client.get(ADD).context["waiting"] == 2
    assert client.get(ADD, {"market": other.pk}).context["waiting"] == 0


def test_the_export_makes_the_letters_and_the_file_has_a_row_for_each(
    client: Client, person: Person, market: Market, template: MessageTemplate
) -> None:
    user = person("manager")
    reachable_lead(market, consent=False, name="SMITH JOHN", score=80)
    reachable_lead(market, consent=False, name="LANDRY PAUL", score=50)
    response = client.post(f"{ADD}?market={market.pk}", {"template": template.pk, "limit": 1}, follow=True)
    export = LetterExport.objects.get()
    assert said(response) == ["1 letters are ready to download."]
    assert (export.count, export.created_by) == (1, user)
    rows = list(csv.DictReader(io.StringIO(text_of(client.get(download(export))))))
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["owner_name"], row["code"]) for row in rows] == [("SMITH JOHN", Letter.objects.get().code)]


def test_a_download_is_logged_and_can_be_had_again(
    client: Client, person: Person, market: Market, template: MessageTemplate
) -> None:
    user = person("manager")
    reachable_lead(market, consent=False)
    export = made(market, template)
    files = [text_of(client.get(download(export))) for _ in range(2)]
    assert files[0] == files[1]
    assert [entry.user for entry in LogEntry.objects.all()] == [user, user]


def test_no_cell_is_a_formula(client: Client, person: Person, market: Market, template: MessageTemplate) -> None:
    person("manager")
    reachable_lead(market, consent=False, name="=HYPERLINK(1)")
    [row] = csv.DictReader(io.StringIO(text_of(client.get(download(made(market, template))))))
    assert row["owner_name"] == "'=HYPERLINK(1)"


def test_with_nobody_waiting_or_no_letter_template_nothing_is_offered(
    client: Client, person: Person, market: Market
) -> None:
    person("manager")
    assert b"write one" in client.get(ADD).content
    template = TemplateVariantFactory(template__purpose="letter").template
    response = client.post(f"{ADD}?market={market.pk}", {"template": template.pk, "limit": 5})
    assert said(response) == ["No owner is waiting for a letter in this market."]
    assert LetterExport.objects.count() == 0


@pytest.mark.parametrize("limit", ["0", "5001", "x"])
def test_a_bad_limit_is_refused_and_writes_nothing(
    client: Client, person: Person, market: Market, template: MessageTemplate, limit: str
) -> None:
    person("manager")
    reachable_lead(market, consent=False)
    response = client.post(f"{ADD}?market={market.pk}", {"template": template.pk, "limit": limit})
    assert response.context["form"].errors["limit"]
    assert LetterExport.objects.count() == 0


def test_a_rep_sees_that_letters_went_out_but_no_addresses(
    client: Client, person: Person, market: Market, template: MessageTemplate
) -> None:
    person("rep")
    lead = reachable_lead(market, consent=False)
    export = made(market, template)
    assert b"Download" not in client.get(LIST).content
    assert client.get(reverse("admin:outreach_letterexport_change", args=[export.pk])).status_code == 200
    assert client.get(download(export)).status_code == 403
    assert client.post(ADD, {"template": template.pk, "limit": 1}).status_code == 403
    assert LetterExport.objects.count() == 1
    assert Lead.objects.get(pk=lead.pk).stage == "contacted"


def test_anonymous_people_are_sent_to_the_log_in(client: Client, market: Market, template: MessageTemplate) -> None:
    reachable_lead(market, consent=False)
    for url in (LIST, ADD, download(made(market, template))):
        assert "/login/" in client.get(url).headers["Location"]


def test_a_download_is_a_get_only(client: Client, person: Person, market: Market, template: MessageTemplate) -> None:
    person("administrator")
    reachable_lead(market, consent=False)
    assert client.post(download(made(market, template))).status_code == 405


def printed(export: LetterExport) -> str:
    return reverse("admin:outreach_letterexport_print", args=[export.pk])


def test_the_letters_are_printed_one_a_page_with_a_code_to_scan(
    client: Client, person: Person, market: Market, template: MessageTemplate
) -> None:
    for number in range(3):
        reachable_lead(market, consent=False, name=f"HÉBERT ANN {number}", score=70)
    export = made(market, template)
    user = person("manager")

    response = client.get(printed(export))

    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert response.content.count(b"/Type /Page\n") == 3
    assert LogEntry.objects.get(user=user).change_message.startswith("Downloaded 3 letters to print")


def test_a_rep_prints_no_letters(client: Client, person: Person, market: Market, template: MessageTemplate) -> None:
    reachable_lead(market, consent=False)
    export = made(market, template)
    person("rep")
    assert client.get(printed(export)).status_code == 403
    assert not LogEntry.objects.exists()


def test_what_is_scanned_is_a_text_with_the_letters_code(market: Market, template: MessageTemplate) -> None:
    reachable_lead(market, consent=False)
    export = made(market, template)
    (row,) = letter_rows(export)
    sender = SenderNumber.objects.get()
    assert row["sms_link"] == f"SMSTO:{sender.number}:{Letter.objects.get().code}"


@pytest.mark.parametrize(("written", "shown"), [("HÉBERT", "HÉBERT"), ("Łukasz 漢", "?ukasz ?"), ("Ṡam", "Sam")])
def test_a_letter_prints_what_a_printer_can(written: str, shown: str) -> None:
    assert printable(written) == shown
