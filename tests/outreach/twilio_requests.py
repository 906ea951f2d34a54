"""Requests as Twilio makes them: stored real parameters, signed with its own code."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client
from django.utils import timezone
from twilio.request_validator import RequestValidator

from core.crypto import blind_index
from outreach.models import WebhookEvent

SENDER = "+12255560100"
INBOUND = "/twilio/inbound/"


def sid(number: int, prefix: str = "SM") -> str:
    return f"{prefix}{number:032x}"


def inbound_params(from_number: str, body: str, number: int = 1, **more: str) -> dict[str, str]:
    return {
        "ToCountry": "US",
        "ToState": "LA",
        "SmsMessageSid": sid(number),
        "NumMedia": "0",
        "ToCity": "BATON ROUGE",
        "FromZip": "70810",
        "SmsSid": sid(number),
        "FromState": "LA",
        "SmsStatus": "received",
        "FromCity": "BATON ROUGE",
        "Body": body,
        "FromCountry": "US",
        "To": SENDER,
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": sid(number),
        "AccountSid": settings.TWILIO_ACCOUNT_SID,
        "From": from_number,
        "ApiVersion": "2010-04-01",
    } | more


def status_params(message_sid: str, status: str, **more: str) -> dict[str, str]:
    return {
        "SmsSid": message_sid,
        "SmsStatus": status,
        "MessageStatus": status,
        "To": "+12255551000",
        "MessageSid": message_sid,
        "AccountSid": settings.TWILIO_ACCOUNT_SID,
        "From": SENDER,
        "ApiVersion": "2010-04-01",
    } | more


def signature(path: str, params: dict[str, str]) -> str:
    validator = RequestValidator(settings.TWILIO_AUTH_TOKEN)
    return validator.compute_signature(settings.PUBLIC_BASE_URL + path, params)


def post(client: Client, path: str, params: dict[str, str], **headers: str) -> Any:
    signed = {"X-Twilio-Signature": signature(path, params)} | headers
    return client.post(path, params, headers=signed)


def stored_text(from_number: str, body: str, number: int = 1, **more: str) -> WebhookEvent:
    """The stored row of an inbound text, as the webhook writes it."""
    return WebhookEvent.objects.create(
        kind=WebhookEvent.Kind.INBOUND,
        key=f"inbound:{sid(number)}",
        payload=json.dumps(inbound_params(from_number, body, number, **more)),
        number_hash=blind_index(from_number),
        received_at=timezone.now(),
    )


def stored_status(token: UUID, message_sid: str, status: str, **more: str) -> WebhookEvent:
    return WebhookEvent.objects.create(
        kind=WebhookEvent.Kind.STATUS,
        key=f"status:{message_sid}:{status}",
        payload=json.dumps(status_params(message_sid, status, **more)),
        query=str(token),
        received_at=timezone.now(),
    )
