"""Asking the provider what kind of line a number is, before the gate has to hold a text for not knowing.

A question may be billed whether or not its answer arrives, so it is written down first, under a lock of the number:
no number is asked about twice within 90 days, and no market asks more often in a day than it allows itself.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from core.phones import mask
from leads.models import PhoneNumber
from leads.numbers import end_everywhere, record_port
from markets.models import Market
from outreach.models import Message, PhoneLookup
from outreach.provider import LineInfo, ProviderError, UnknownOutcomeError, may_send, sms_provider

logger = logging.getLogger(__name__)
LOOKING_UP = 20.0
"""Seconds: whose line is known shall not wait long behind a provider that does not answer."""
GOOD_FOR = timedelta(days=90)
AFTER_OUTAGE, AFTER_REFUSAL = timedelta(hours=1), timedelta(days=1)
"""A question that the provider did not take costs nothing, and is asked again."""


def check_due_lines(limit: int, now: datetime) -> int:
    """Looks up the unknown lines of the next due texts: outside any transaction, and only with the live switch on. What
    there is no time for waits for the next round."""
    if not may_send():
        return 0
    learnt, until = 0, time.monotonic() + LOOKING_UP
    for text in Message.objects.unknown_lines_due(now, limit):
        if text.market is not None and time.monotonic() < until:
            learnt += check_line(text.phone, text.market, now)
    return learnt


def check_line(phone: PhoneNumber, market: Market, now: datetime) -> bool:
    """False when nothing was learnt: it was asked lately, the day's look-ups are used up, or no answer came."""
    if not may_send():
        return False
    lookup = _claim(phone, market, now)
    if lookup is None:
        return False
    try:
        line = sms_provider().look_up(phone.number)
    except ProviderError as error:
        _note_refusal(lookup, error, now)
        return False
    except UnknownOutcomeError as error:
        _note_silence(lookup, error)
        return False
    _store(lookup, line, now)
    return True


@transaction.atomic
def _claim(phone: PhoneNumber, market: Market, now: datetime) -> PhoneLookup | None:
    market = Market.objects.locked(market)
    PhoneNumber.objects.locked(phone)
    midnight = now.astimezone(market.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if PhoneLookup.objects.is_known(phone, now):
        return None
    if PhoneLookup.objects.asked_in(market, midnight) >= market.lookups_per_day:
        return None
    return PhoneLookup.objects.create(
        phone=phone, market=market, asked_at=now, cost=market.lookup_cost, ask_again_at=now + GOOD_FOR
    )


def _note_refusal(lookup: PhoneLookup, error: ProviderError, now: datetime) -> None:
    lookup.cost, lookup.ask_again_at = Decimal(0), now + (AFTER_REFUSAL if error.permanent else AFTER_OUTAGE)
    _note_silence(lookup, error)


def _note_silence(lookup: PhoneLookup, error: Exception) -> None:
    """The provider may repeat the number it was asked about: it is written down masked."""
    number = lookup.phone.number
    lookup.error = str(error).replace(number, mask(number)).replace(number[1:], mask(number))[:300]
    lookup.save(update_fields=["error", "cost", "ask_again_at"])
    logger.warning("look-up of number %s failed: %s", lookup.phone_id, lookup.error)


@transaction.atomic
def _store(lookup: PhoneLookup, line: LineInfo, now: datetime) -> None:
    """What a person has entered about the number stays; the answer is kept beside it."""
    phone = PhoneNumber.objects.locked(lookup.phone)
    lookup.answered_at, lookup.valid, lookup.carrier = now, line.valid, line.carrier[:120]
    lookup.line_type = line.line_type if line.valid else PhoneNumber.LineType.OTHER
    lookup.save(update_fields=["answered_at", "valid", "carrier", "line_type"])
    was_checked, phone.checked_at = phone.checked_at is not None, now
    if not PhoneNumber.objects.corrected_by_person(phone):
        if line.valid and was_checked and (phone.line_type, phone.carrier) != (lookup.line_type, lookup.carrier):
            record_port(phone, line_type=lookup.line_type, carrier=lookup.carrier)
        phone.line_type, phone.carrier = lookup.line_type, lookup.carrier
        phone.status = PhoneNumber.Status.ACTIVE if line.valid else PhoneNumber.Status.BAD
        phone.status_reason = "" if line.valid else "Look-up: not a valid number"
    phone.save(update_fields=["checked_at", "carrier", "line_type", "status", "status_reason"])
    if phone.status == PhoneNumber.Status.BAD and not line.valid:
        end_everywhere(phone, note=phone.status_reason)
