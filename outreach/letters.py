"""Letters as the first touch for owners who may not be texted: the mail-merge export, one code per letter."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from core.results import Result
from leads.events import record_event
from leads.models import Event, Lead
from leads.pipeline import move_lead
from leads.stages import Stage
from outreach.learning import draw
from outreach.letter_pdf import sms_link
from outreach.models import Letter, LetterExport, MessageTemplate, SenderNumber
from outreach.querysets.audience import letter_leads
from outreach.rendering import render
from outreach.wording import merge_values, person_name, readable

if TYPE_CHECKING:
    from core.models import User
    from markets.models import Market
    from outreach.models import TemplateVariant

NOT_AGAIN_FOR = timedelta(days=60)
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without I, L, O, 0 and 1, which are misread on paper."""
CODE_LENGTH = 8
MOST_LETTERS = 5000
COLUMNS = (
    "code", "owner_name", "first_name", "mailing_street", "mailing_city", "mailing_state", "mailing_zip", "parish",
    "parcel_number", "situs", "parcel_size", "text_to", "sms_link", "return_address", "body",
)  # fmt: skip


def export_letters(
    market: Market, template: MessageTemplate, *, by: User | None, limit: int | None = None
) -> Result[LetterExport]:
    """Makes the letters, one per owner, best score first; `letter_rows` gives the file.

    Declines with `not_a_letter`, `no_variants` or `no_audience`; then nothing is written.
    """
    declined = _why_not(market, template)
    if declined is not None:
        return declined
    now = timezone.now()
    with transaction.atomic():
        leads = list(islice(letter_leads(market, now - NOT_AGAIN_FOR), min(limit or MOST_LETTERS, MOST_LETTERS)))
        if not leads:
            return Result.declined("no_audience", "No owner is waiting for a letter in this market.")
        export = LetterExport.objects.create(market=market, template=template, count=len(leads), created_by=by)
        for lead, code in zip(leads, _codes(len(leads)), strict=True):
            _write_letter(export, lead, code, by)
    return Result.ok(export, f"{len(leads)} letters.")


def write_letters(export: LetterExport, leads: list[Lead], *, by: User | None) -> None:
    """More letters for a file that a campaign's step collects; call it in the transaction that holds the file."""
    for lead, code in zip(leads, _codes(len(leads)), strict=True):
        _write_letter(export, lead, code, by)
    LetterExport.objects.add_letters(export, len(leads))


def letter_rows(export: LetterExport) -> Iterator[dict[str, str]]:
    """One row per letter in the file's columns; the body is worded by the template as it is now.

    A letter about a lead that was deleted, archived or given up since, or is another owner's now, is left out, whenever
    the file is asked for.
    """
    variants = {variant.pk: variant for variant in export.template.variants.all() if variant.active}
    weights = {pk: float(variant.weight) for pk, variant in variants.items()}
    numbers = (sender for sender in SenderNumber.objects.usable([export.market_id]) if sender.is_number)
    sender = next(numbers, None)
    for letter in Letter.objects.of_export(export).to_send():
        variant = variants.get(draw(weights, f"letter:{letter.pk}") or 0)
        yield _row(letter, variant, sender, export.market)


def _row(
    letter: Letter, variant: TemplateVariant | None, sender: SenderNumber | None, market: Market
) -> dict[str, str]:
    owner, values = letter.owner, merge_values(letter.lead, sender) | {"letter_code": letter.code}
    row = {
        "code": letter.code,
        "owner_name": owner.name,
        "first_name": person_name(owner)[0],
        "mailing_street": owner.mailing_street,
        "mailing_city": owner.mailing_city,
        "mailing_state": owner.mailing_state,
        "mailing_zip": owner.mailing_zip,
        "text_to": readable(sender.number) if sender else "",
        "sms_link": sms_link(sender.number, letter.code) if sender else "",
        "return_address": market.mailing_address,
        "body": render(variant.body, values, variant.template.language).text if variant else "",
    }
    return {column: row.get(column, values.get(column, "")) for column in COLUMNS}


def _why_not(market: Market, template: MessageTemplate) -> Result[Any] | None:
    if template.purpose != MessageTemplate.Purpose.LETTER:
        return Result.declined("not_a_letter", "Choose a template made for letters.")
    if not template.active or not any(variant.active for variant in template.variants.all()):
        return Result.declined("no_variants", "The template has no active wording.")
    return None


def _write_letter(export: LetterExport, lead: Lead, code: str, by: User | None) -> None:
    Letter.objects.create(export=export, lead=lead, owner=lead.owner, code=code)
    record_event(Event.Kind.LETTER_EXPORTED, lead=lead, actor=by, export=export.pk, code=code)
    if lead.stage == Stage.QUALIFIED:
        move_lead(lead, Stage.CONTACTED, by=None, reason="Letter exported")


def _codes(count: int) -> list[str]:
    """New codes, none of which was ever used."""
    codes: set[str] = set()
    while len(codes) < count:
        drawn = {"".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(count - len(codes))}
        codes |= drawn - Letter.objects.codes_in_use(drawn)
    return list(codes)
