"""After the havoc: the sweeps and the reconciler run until nothing is left to do, hours and a day later if need be."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import time_machine
from django.contrib.auth import get_user_model
from django.db.models import Q
from time_machine import escape_hatch

from config import outbox
from core.crypto import blind_index
from leads.models import Event
from local.chaos.checks import Records, Text
from local.twilio_simulator import TwilioSimulator
from outreach import inbound, missed_replies, reconciling, replies, sending, waiting_replies
from outreach.models import Message, Suppression, WebhookEvent
from outreach.reading import read_opt_out

LATER = (0, 6, 10, 20, 40, 120, 360, 720, 1500, 1500, 1500)
"""Minutes from one look to the next: claims are taken for lost after 5, texts given up after 20, and after some errors
it is tried again a day later."""
SOON, LOOKS = timedelta(minutes=20), 6
"""A text on its way is looked after this soon: the provider is asked while it is between 15 minutes and a day old."""
ROUNDS = 400
UNDECIDED = Q(processed_at__isnull=True) | Q(needs_person=True)


def settle(twilio: TwilioSimulator) -> None:
    """The clock of this process, and of the phone network in it, goes forward; nothing is forced."""
    with time_machine.travel(datetime.now(UTC), tick=True) as clock:
        for minutes in LATER:
            clock.shift(timedelta(minutes=minutes))
            _work_until_quiet(twilio)
            for _ in range(LOOKS):
                if not _any("sending", "sent", "uncertain"):
                    break
                clock.shift(SOON)
                _work_until_quiet(twilio)
            if not _any("queued", "sending", "sent", "uncertain"):
                return


def _any(*states: str) -> bool:
    return bool(Message.objects.filter(state__in=states).exists())


def _work_until_quiet(twilio: TwilioSimulator) -> None:
    for _ in range(ROUNDS):
        twilio.wait_until_quiet(60)
        work = inbound.process_waiting() + waiting_replies.label_waiting() + outbox.deliver_events()
        work += _read_by_a_person() + sending.send_due().looked_at
        if not work and not missed_replies.fetch_missed_replies() and not _reconcile():
            return
    raise TimeoutError("the work does not come to an end")


def _reconcile() -> bool:
    """By the web server's clock too, which dates what callbacks say and does not go forward with ours."""
    soon = escape_hatch.datetime.datetime.now(UTC) + timedelta(minutes=20)
    return bool(reconciling.reconcile()) or bool(reconciling.fetch_missing_statuses(soon, 100))


def _read_by_a_person() -> int:
    """Nobody else settles what no rule could tell; until then the number is held."""
    waiting = list(Message.objects.for_a_person())
    person = get_user_model().objects.get()
    for reply in waiting:
        replies.mark_handled(reply, by=person)
    return len(waiting)


def read_records() -> Records:
    texts = Message.objects.filter(direction="out").select_related("phone")
    sent = Counter(event.data["message"] for event in Event.objects.of_kind(Event.Kind.MESSAGE_SENT))
    return Records(
        texts=[Text(text.pk, str(text.token), text.phone.number, text.state, sent[text.pk]) for text in texts],
        reply_sids=frozenset(Message.objects.filter(direction="in").values_list("sid", flat=True)),
        waiting_webhooks=WebhookEvent.objects.filter(processed_at__isnull=True).count(),
        undecided_replies=Message.objects.filter(UNDECIDED, direction="in").count(),
        stop_sids=_stops(),
        suppressed=_suppressed(),
    )


def _stops() -> frozenset[str]:
    replies = Message.objects.filter(direction="in")
    return frozenset(str(reply.sid) for reply in replies if read_opt_out(reply.body).opt_out)


def _suppressed() -> dict[str, datetime]:
    """In the clear, as the phone network writes numbers."""
    rows = Suppression.objects.filter(lifted_at__isnull=True, number_hash__isnull=False).order_by("-created_at")
    since = {bytes(row.number_hash): row.created_at for row in rows if row.number_hash is not None}
    numbers = {message.phone.number for message in Message.objects.select_related("phone")}
    hashes = {number: blind_index(number) for number in numbers}
    return {number: since[found] for number, found in hashes.items() if found in since}
