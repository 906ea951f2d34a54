"""Replies whose webhook never came: Twilio tries for seconds only, so its list of messages is pulled and compared."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from core.crypto import blind_index
from outreach.models import SenderNumber, WebhookEvent
from outreach.provider import ProviderError, ProviderText, may_send, sms_provider

logger = logging.getLogger(__name__)
LOOK_BACK = timedelta(days=14)
"""Longer than we are ever away. Few texts come in: a page or two for each number."""


def fetch_missed_replies(now: datetime | None = None) -> int:
    """Stores what came in of late and was never posted to us, as if it had been; returns how many texts."""
    if not may_send():
        return 0
    since = (now or timezone.now()) - LOOK_BACK
    try:
        found = WebhookEvent.objects.store_missing(_events(since))
    except ProviderError as error:
        logger.warning("the provider's list could not be pulled: %s", error)
        return 0
    if found:
        logger.warning("%s replies were never posted to us; they are taken from the provider's list", found)
    return found


def _events(since: datetime) -> Iterator[WebhookEvent]:
    for number in SenderNumber.objects.addresses():
        for text in sms_provider().list_texts(since, to=number):
            if text.direction == "in":
                yield _as_event(text)


def _as_event(text: ProviderText) -> WebhookEvent:
    said = {"From": text.sender, "To": text.to, "Body": text.body, "NumMedia": str(text.pictures)}
    return WebhookEvent(
        kind=WebhookEvent.Kind.INBOUND,
        key=f"inbound:{text.sid}",
        payload=json.dumps({"MessageSid": text.sid, **said}),
        number_hash=blind_index(text.sender),
        received_at=text.created_at or timezone.now(),
    )
