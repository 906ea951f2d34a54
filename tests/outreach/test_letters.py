from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leads.models import Event, Lead, Owner
from leads.pipeline import move_lead
from leads.stages import Stage
from markets.models import Market
from outreach.letters import ALPHABET, COLUMNS, export_letters, letter_rows
from outreach.models import Letter, LetterExport, MessageTemplate
from tests.factories import LeadFactory, MessageTemplateFactory, OwnerFactory, TemplateVariantFactory, UserFactory
from tests.outreach.campaign_setting import agree, open_market, reachable_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return open_market(mailing_address="PO Box 1, Baton Rouge, LA 70801")


def letter_template(
    body: str = "Dear {{first_name|neighbor}}, text {{letter_code}} to {{sender_phone}}.",
) -> MessageTemplate:
    template: MessageTemplate = MessageTemplateFactory(purpose="letter")
    TemplateVariantFactory(template=template, body=body)
    return template


def exported(market: Market, **options: Any) -> LetterExport:
    result = export_letters(market, letter_template(), by=None, **options)
    assert result.value, result.message
    return result.value


def test_owners_without_consent_get_a_letter_with_a_code_of_their_own(market: Market) -> None:
    lead = reachable_lead(market, consent=False, name="SMITH JOHN A")
    other = reachable_lead(market, consent=False)
    by = UserFactory()
    result = export_letters(market, letter_template(), by=by)
    assert result.value
    assert result.value.count == 2
    codes = set(Letter.objects.values_list("code", flat=True))
    assert len(codes) == 2
    assert all(len(code) == 8 and set(code) <= set(ALPHABET) for code in codes)
    assert {lead.owner, other.owner} == {letter.owner for letter in Letter.objects.all()}
    assert Event.objects.of_kind(Event.Kind.LETTER_EXPORTED).filter(lead=lead).get().actor == by
    assert Lead.objects.get(pk=lead.pk).stage == Stage.CONTACTED


@pytest.mark.parametrize(
    ("name", "kind", "greeting"),
    [
        ("SMITH JOHN A & MARY B", "couple", "Dear John,"),
        ("ST PIERRE ANN C/O DOE JANE", "person", "Dear Ann,"),
        ("SMITH J ROBERT", "person", "Dear Robert,"),
        ("SMITH J", "person", "Dear neighbor,"),
        ("ACME LAND LLC", "company", "Dear neighbor,"),
        ("ESTATE OF JOHN SMITH", "estate", "Dear neighbor,"),
        ("HEIRS OF JOHN SMITH", "heirs", "Dear neighbor,"),
        ("LA HANSON LIVING TRUST", "trust", "Dear neighbor,"),
        ("ACME LAND LLC", "person", "Dear neighbor,"),
    ],
)
def test_a_letter_greets_a_person_by_the_first_name_and_nobody_else(
    market: Market, name: str, kind: str, greeting: str
) -> None:
    reachable_lead(market, consent=False, name=name, kind=kind)

    assert next(letter_rows(exported(market)))["body"].startswith(greeting)


def test_the_files_rows_carry_address_code_and_the_worded_letter(market: Market) -> None:
    lead = reachable_lead(market, consent=False, name="SMITH JOHN A & MARY B", kind="couple")
    row = next(letter_rows(exported(market)))
    code = Letter.objects.get().code
    number = market.sender_numbers.get().number
    shown = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    assert tuple(row) == COLUMNS
    assert row["body"] == f"Dear John, text {code} to {shown}."
    assert (row["code"], row["owner_name"], row["mailing_zip"]) == (code, "SMITH JOHN A & MARY B", "70810")
    assert (row["parcel_number"], row["parcel_size"], row["parish"]) == (
        lead.parcel.number,
        "2.5 acres",
        lead.parcel.parish.name,
    )
    assert row["return_address"] == "PO Box 1, Baton Rouge, LA 70801"


def test_a_letter_to_somebody_who_has_sold_since_is_left_out(market: Market) -> None:
    """Else it would greet the new owner at the old one's address."""
    lead = reachable_lead(market, consent=False)
    export = exported(market)
    Lead.objects.filter(pk=lead.pk).update(owner=OwnerFactory())
    assert list(letter_rows(export)) == []


def test_a_lead_without_any_phone_gets_a_letter(market: Market) -> None:
    lead = LeadFactory(market=market, score=60)
    move_lead(lead, Stage.QUALIFIED, by=None, reason="test")
    assert exported(market).count == 1


def test_one_letter_per_owner_about_the_best_lead_best_first(market: Market) -> None:
    lead = reachable_lead(market, consent=False, score=50)
    best = LeadFactory(market=market, owner=lead.owner, score=90)
    move_lead(best, Stage.QUALIFIED, by=None, reason="test")
    reachable_lead(market, consent=False, score=70)
    exported(market, limit=1)
    assert Letter.objects.get().lead == best


def _consenting(lead: Lead) -> None:
    agree(lead.owner)


def _government(lead: Lead) -> None:
    Owner.objects.update(kind="government")


def _no_zip(lead: Lead) -> None:
    Owner.objects.update(mailing_zip="")


def _low_score(lead: Lead) -> None:
    Lead.objects.update(score=10)


def _deleted(lead: Lead) -> None:
    Lead.objects.update(deleted_at=timezone.now())


def _dead(lead: Lead) -> None:
    move_lead(lead, Stage.DEAD, by=None, reason="test")


def _improved(lead: Lead) -> None:
    lead.parcel.improvement_value = 90_000
    lead.parcel.save()


def _suppressed(lead: Lead) -> None:
    lead.owner.suppressions.create(reason="manual", created_at=timezone.now())


def _lettered(lead: Lead) -> None:
    exported(lead.market)


@pytest.mark.parametrize(
    "spoil",
    [_consenting, _government, _no_zip, _low_score, _deleted, _dead, _improved, _suppressed, _lettered],
)
def test_who_gets_no_letter(market: Market, spoil: Any) -> None:
    spoil(reachable_lead(market, consent=False))
    before = Letter.objects.count()
    assert export_letters(market, letter_template(), by=None).code == "no_audience"
    assert Letter.objects.count() == before


def test_after_sixty_days_a_second_letter_may_go(market: Market) -> None:
    reachable_lead(market, consent=False)
    exported(market)
    LetterExport.objects.update(created_at=timezone.now() - timedelta(days=61))
    assert exported(market).count == 1


def test_a_text_template_is_refused_and_nothing_is_written(market: Market) -> None:
    reachable_lead(market, consent=False)
    assert export_letters(market, TemplateVariantFactory().template, by=None).code == "not_a_letter"
    empty = MessageTemplateFactory(purpose="letter")
    assert export_letters(market, empty, by=None).code == "no_variants"
    assert LetterExport.objects.count() == 0
