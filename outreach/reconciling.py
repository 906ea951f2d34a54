"""Finding out what became of texts whose outcome nobody told us. Nothing is ever sent from here."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import takewhile

from django.db import transaction
from django.utils import timezone

from leads.events import record_event
from leads.models import Event
from outreach import delivery
from outreach.models import Message, SendAttempt
from outreach.provider import ProviderError, ProviderText, may_send, sms_provider

logger = logging.getLogger(__name__)
State = Message.State
STUCK_AFTER = timedelta(minutes=5)
"""A claim this old has lost its worker: a live one gives its claims back after a minute."""
GIVE_UP_AFTER = timedelta(minutes=20)
CALLBACK_DUE = timedelta(minutes=15)
STATUS_WINDOW, LATE_WINDOW = timedelta(days=1), timedelta(days=7)
"""A text without a final status is asked about every few minutes for a day, then once an hour for a week: some carriers
never say more, and we may have been away for days."""
PRICE_DUE = timedelta(minutes=10)
PRICE_WINDOW = timedelta(days=2)
CLOCKS_DIFFER = timedelta(minutes=1)
CLOCKS_DIFFER_WIDELY = timedelta(hours=1)
NOT_FOUND = 404
NO_TRACE = "The provider has no trace of this text; it was not sent again. A person has to decide."


def reconcile(now: datetime | None = None, limit: int = 100) -> Counter[str]:
    """Returns what was done to how many texts."""
    now = now or timezone.now()
    done = recover_stuck(now, limit)
    if may_send():
        done += settle_uncertain(now, limit)
        done += fetch_missing_statuses(now, limit)
    return done


def recover_stuck(now: datetime, limit: int) -> Counter[str]:
    """Claims without a worker: not handed over yet -> back into the queue; handed over -> uncertain."""
    stuck = Message.objects.stuck_ids(now - STUCK_AFTER, limit)
    released = Message.objects.release(stuck)
    uncertain = sum(Message.objects.mark_uncertain(pk, "The worker was lost while sending.") for pk in stuck)
    return Counter({"released": released, "uncertain": uncertain})


def settle_uncertain(now: datetime, limit: int) -> Counter[str]:
    done: Counter[str] = Counter()
    for message in Message.objects.uncertain(limit):
        is_last_look = bool(message.claimed_at and message.claimed_at < now - GIVE_UP_AFTER)
        if not is_last_look and Message.objects.has_double(message):
            continue  # only a callback, which carries our token, can tell which of them the provider has
        try:
            found = find_at_provider(message)
        except ProviderError as error:
            logger.warning("reconciling stopped: %s", error.detail)
            break
        if found is not None:
            _adopt(message, found, now)
            done["found"] += 1
        elif is_last_look:
            done["no trace"] += _give_up(message)
    return done


def find_at_provider(message: Message) -> ProviderText | None:
    """The provider's text with our number, words and time that is no other message's; the oldest of several."""
    attempt = SendAttempt.objects.of_message(message)
    if attempt is None:
        return None
    if attempt.sid:
        return _fetch(attempt.sid)
    since = attempt.started_at - CLOCKS_DIFFER
    listed = sms_provider().list_texts(since, to=message.phone.number)
    recent = takewhile(lambda text: text.created_at is None or text.created_at >= since, listed)
    alike = [text for text in recent if text.direction == "out" and text.body == message.body]
    taken = Message.objects.known_sids(text.sid for text in alike)
    mine = [text for text in alike if text.sid not in taken]
    return mine[-1] if mine else None


def fetch_missing_statuses(now: datetime, limit: int) -> Counter[str]:
    """Texts whose callback should have come: the provider is asked."""
    waiting = Message.objects.without_final_status(now - STATUS_WINDOW, now - CALLBACK_DUE)
    done: Counter[str] = Counter()
    for message in waiting.order_by("?")[:limit]:  # so that none of whom nobody will say more is in the others' way
        try:
            text = _fetch(str(message.sid))
        except ProviderError as error:
            logger.warning("fetching of statuses stopped: %s", error.detail)
            break
        if text is not None:
            _note_charges([text])
            done["status"] += _learn(message, text, now)
    return done


def _fetch(sid: str) -> ProviderText | None:
    """None when the provider does not know this text, which is no reason to leave the others; any other trouble is."""
    try:
        return sms_provider().fetch(sid)
    except ProviderError as error:
        if error.http.status != NOT_FOUND:
            raise
        logger.warning("the provider does not know text %s", sid)
        return None


def fetch_late_statuses(now: datetime | None = None) -> int:
    """What became of texts that are on their way for more than a day, from the provider's list: a few pages however
    many they are. Returns of how many something was learnt."""
    now = now or timezone.now()
    waiting = list(Message.objects.without_final_status(now - LATE_WINDOW, now - STATUS_WINDOW))
    by_sid = {str(message.sid): message for message in waiting}
    if not by_sid or not may_send():
        return 0
    since = min(message.sent_at or now for message in waiting) - CLOCKS_DIFFER_WIDELY
    try:
        found = [text for text in sms_provider().list_texts(since) if text.sid in by_sid]
    except ProviderError as error:
        logger.warning("late statuses were not fetched: %s", error.detail)
        return 0
    return sum(_learn(by_sid[text.sid], text, now) for text in found)


def _learn(message: Message, text: ProviderText, now: datetime) -> bool:
    return delivery.apply_status(message, text.status, text.error_code, now, sid=text.sid)


def fetch_prices(now: datetime | None = None) -> int:
    """What the provider took for texts that have left: known some time after they have, and told by its list alone.
    Returns how many attempts got a price."""
    now = now or timezone.now()
    first = SendAttempt.objects.unpriced_since(now - PRICE_WINDOW, now - PRICE_DUE)
    if first is None or not may_send():
        return 0
    since = first - CLOCKS_DIFFER
    try:
        return _note_charges(sms_provider().list_texts(since))
    except ProviderError as error:
        logger.warning("prices were not fetched: %s", error.detail)
        return 0


def _note_charges(texts: Iterable[ProviderText]) -> int:
    charges = {text.sid: text.charge for text in texts if text.charge is not None and text.direction == "out"}
    return SendAttempt.objects.note_charges(charges) if charges else 0


def _adopt(message: Message, found: ProviderText, now: datetime) -> None:
    delivery.accept(message, found.sid, found.created_at or now)
    _note_charges([found])
    _learn(message, found, now)


def _give_up(message: Message) -> int:
    with transaction.atomic():
        locked = Message.objects.lock(message.pk)
        if locked.state != State.UNCERTAIN:
            return 0
        locked.state, locked.error = State.FAILED, NO_TRACE
        locked.save(update_fields=["state", "error"])
        record_event(
            Event.Kind.MESSAGE_FAILED,
            lead=locked.lead,
            owner=locked.owner,
            message=locked.pk,
            code=None,
            reason=NO_TRACE,
        )
    return 1
