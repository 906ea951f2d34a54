"""Asking the provider what kind of line a number is, before the gate has to hold a text for not knowing."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from leads.models import PhoneNumber
from outreach.models import Message
from outreach.provider import LineInfo, ProviderError, may_send, sms_provider

logger = logging.getLogger(__name__)
GOOD_FOR = timedelta(days=90)


def check_due_lines(limit: int, now: datetime) -> int:
    """Looks up the unknown lines of the next due texts: outside any transaction, and only with the live switch on."""
    if not may_send():
        return 0
    phones = Message.objects.unknown_lines_due(now, limit, checked_before=now - GOOD_FOR)
    return sum(check_line(phone, now) for phone in phones)


def check_line(phone: PhoneNumber, now: datetime) -> bool:
    """False when the provider did not answer: the line stays unknown and the text is held."""
    try:
        line = sms_provider().look_up(phone.number)
    except ProviderError as error:
        logger.warning("look-up of number %s failed: %s", phone.pk, error.detail)
        return False
    _store(phone, line, now)
    return True


def _store(phone: PhoneNumber, line: LineInfo, now: datetime) -> None:
    phone.checked_at, phone.carrier = now, line.carrier[:120]
    phone.line_type = line.line_type if line.valid else PhoneNumber.LineType.OTHER
    phone.status = PhoneNumber.Status.ACTIVE if line.valid else PhoneNumber.Status.BAD
    phone.status_reason = "" if line.valid else "Look-up: not a valid number"
    phone.save(update_fields=["checked_at", "carrier", "line_type", "status", "status_reason"])
