"""The provider's door: a request is verified, stored as it came and answered. Everything else is a task."""

from __future__ import annotations

import json
import logging
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from redis.exceptions import RedisError
from twilio.request_validator import RequestValidator

from core.crypto import blind_index
from core.waking import wake_soon
from outreach.models import WebhookEvent
from outreach.payloads import BadPayloadError, InboundText, StatusCallback
from outreach.querysets.replies import store_webhook
from outreach.tasks import process_webhooks

logger = logging.getLogger(__name__)
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
TRY_AGAIN = {"Retry-After": "2"}
REJECTIONS_KEPT = int(timedelta(days=35).total_seconds())


@csrf_exempt
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    if not is_signed(request):
        return _reject()
    try:
        text = InboundText.read(request.POST)
    except BadPayloadError as error:
        return _bad(error)
    event = WebhookEvent(kind=WebhookEvent.Kind.INBOUND, key=text.key, number_hash=blind_index(text.from_number))
    return _store(request, event) or HttpResponse(EMPTY_TWIML, content_type="text/xml")


@csrf_exempt
@require_POST
def status(request: HttpRequest, token: UUID) -> HttpResponse:
    if not is_signed(request):
        return _reject()
    try:
        callback = StatusCallback.read(token, request.POST)
    except BadPayloadError as error:
        return _bad(error)
    event = WebhookEvent(kind=WebhookEvent.Kind.STATUS, key=callback.key, query=str(token))
    return _store(request, event) or HttpResponse(status=204)


def is_signed(request: HttpRequest) -> bool:
    """Twilio signs the address it was given, so a proxy before us must not change what we compare with."""
    signature = request.headers.get("X-Twilio-Signature", "")
    if not (settings.TWILIO_AUTH_TOKEN and signature):
        return False
    address = settings.PUBLIC_BASE_URL + request.get_full_path()
    return bool(RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(address, request.POST, signature))


def rejected_webhooks(day: date | None = None) -> int:
    """How many requests with a bad signature came that day (UTC), today by default; kept for five weeks."""
    return int(cache.get(_rejections(day or timezone.now().date()), 0))


def _store(request: HttpRequest, event: WebhookEvent) -> HttpResponse | None:
    """One insert; a repetition changes nothing. While the database is away the answer asks the provider to try again,
    and what it gives up is found in its list later."""
    event.payload = json.dumps(request.POST.dict())
    event.received_at = timezone.now()
    try:
        store_webhook(event)
    except OperationalError as error:
        logger.error("a webhook could not be stored, the provider is asked to try again: %s", error)
        return HttpResponse("Not stored, try again.\n", status=503, content_type="text/plain", headers=TRY_AGAIN)
    wake_soon(process_webhooks)
    return None


def _reject() -> HttpResponse:
    key = _rejections(timezone.now().date())
    try:
        cache.add(key, 0, timeout=REJECTIONS_KEPT)
        cache.incr(key)
    except (RedisError, ValueError) as error:
        logger.warning("a rejected webhook was not counted: %s", error)
    return HttpResponseForbidden("The signature does not fit.\n", content_type="text/plain")


def _bad(error: BadPayloadError) -> HttpResponse:
    logger.warning("a signed webhook could not be read: %s", error)
    return HttpResponseBadRequest(f"{error}.\n", content_type="text/plain")


def _rejections(day: date) -> str:
    return f"webhooks:rejected:{day:%Y-%m-%d}"
