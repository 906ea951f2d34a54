"""The only road to the provider: claim and judge what is due, commit, and hand it over (`handing_over`).

A text is handed over at most once: its claim and its attempt are committed before the call, and one whose outcome is
unknown is settled by a callback or the reconciler, never sent again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from core.results import Result
from core.waking import wake_on_commit
from leads.languages import Language
from leads.models import ListedNumber, PhoneNumber
from outreach import lookups
from outreach.gate import Decision, Outcome
from outreach.gatekeeper import Gatekeeper, as_record, judge, sender_names
from outreach.handing_over import HandOver
from outreach.models import GateDecision, Message, SenderNumber, Thread
from outreach.pool import choose_sender
from outreach.wording import choose_anew, sign, write_body

if TYPE_CHECKING:
    from uuid import UUID

    from core.models import User
    from leads.models import Lead, Owner
    from markets.models import Market

State = Message.State
LOOK_AGAIN = timedelta(minutes=10)
"""When a text is judged again that waits for something else than a time: a reply to be read, a line to be looked up."""
BATCH = 97
"""Texts claimed at a time: one for the provider to try and six rounds of those given to it together. That many leave
within seconds, so what was judged holds when they do."""
CLAIM_LOCK = 7_120_526
"""Claims exclude each other (advisory lock), so that two workers never count the same free place under a cap."""


@dataclass
class SendReport:
    """What became of the texts of one batch, by outcome; `claimed` were handed to the provider or were about to be.
    `pause`: for how long the provider asked to be left alone."""

    claimed: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    pause: timedelta = timedelta()

    @property
    def looked_at(self) -> int:
        return sum(self.counts.values())

    @property
    def sent(self) -> int:
        return self.counts[State.SENT]


def send_due(limit: int = BATCH, now: datetime | None = None) -> SendReport:
    """Sends what is due, up to `limit` texts. Any number of workers may do so at once."""
    lookups.check_due_lines(limit, now or timezone.now())
    report = SendReport()
    claimed = _claim(limit, now, report)
    report.claimed = len(claimed)
    batch = HandOver(claimed, now or timezone.now())
    report.counts += batch.run()
    report.pause = batch.pause
    return report


def cancel_queued(*, phone: PhoneNumber | None = None, owner: Owner | None = None, reason: str) -> int:
    """Cancels what was not handed to the provider yet; returns how many texts."""
    return Message.objects.cancel_waiting(reason, phone=phone, owner=owner)


def cancel_listed(list_import_id: int, first_line: int, last_line: int, *, reason: str) -> int:
    """The same for the numbers that these lines of a do-not-call list name."""
    hashes = ListedNumber.objects.in_lines(list_import_id, first_line, last_line).hashes()
    return Message.objects.cancel_to_numbers(hashes, reason)


def queue_reply(
    owner: Owner | None,
    phone: PhoneNumber,
    body: str,
    *,
    lead: Lead | None = None,
    by: User | None,
    token: UUID | None = None,
) -> Result[Message]:
    """A text written by a person. It is judged at once and leaves first. The same words with the same `token` are one
    text, however often they are sent here.

    Declines with `empty` or `no_market` (nothing stored), `blocked` (kept with the reason, never sent) or `held` (kept,
    leaves by itself when the gate allows it); the words are the gate's.
    """
    if not body.strip():
        return Result.declined("empty", "The text is empty.")
    message = draft_reply(owner, phone, body, lead=lead, by=by)
    if message is None:
        return Result.declined("no_market", "Nobody knows in which market's name to write: choose a lead.")
    with transaction.atomic():
        PhoneNumber.objects.locked(phone)
        known = Message.objects.with_token(token) if token else None
        if known is not None and known.body == message.body and known.state != State.BLOCKED:
            return _told(known)
        message.token = token if token and known is None else message.token
        message.save()
        now = timezone.now()
        _apply(message, judge(message, now), now)
        Thread.objects.follow(message)
        if message.state == State.QUEUED:
            _wake()
    return _told(message)


def draft_reply(
    owner: Owner | None, phone: PhoneNumber, body: str, *, lead: Lead | None = None, by: User | None
) -> Message | None:
    """The text as it would leave, with what the rules want in it, not saved; None without a market to write for."""
    market = lead.market if lead else _market_of(phone)
    if market is None:
        return None
    message = Message(
        direction=Message.Direction.OUT,
        origin=Message.Origin.REPLY,
        state=State.QUEUED,
        phone=phone,
        owner=owner,
        lead=lead,
        market=market,
        created_by=by,
        priority=0,
        due_at=timezone.now(),
    )
    _choose_senders([message])
    is_first = phone.pk not in Message.objects.texted_numbers([phone.pk])
    language = owner.language if owner else Language.ENGLISH
    message.body = sign(body, market, sender_names(message), is_first_text=is_first, language=language)
    write_body(message)
    return message


def queue_confirmation(
    phone: PhoneNumber, body: str, *, owner: Owner | None = None, market: Market | None = None
) -> Result[Message]:
    """Always declines: the gate has no exception for suppressed numbers, and Twilio confirms the STOP words itself."""
    return Result.declined("suppressed", "A number that opted out gets no text from us, not even a confirmation.")


def _claim(limit: int, at: datetime | None, report: SendReport) -> list[Message]:
    """Judges due texts and commits which of them this worker sends. The clock is read when the others have claimed
    theirs: look-ups and waiting take their time, and closing time may be near."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIM_LOCK])
        now = at or timezone.now()
        due = Message.objects.lock_due(now, limit)
        if not due:
            return []
        prepare_texts(due)
        keeper, records = Gatekeeper(due, now), []
        taken: set[int] = set()
        for message in due:
            if message.phone_id in taken:
                continue  # one at a time to a number: in their order, and told apart when no answer comes
            decision = keeper.decide(message, now)
            _apply(message, decision, now, claiming=True)
            if message.state == State.SENDING:
                keeper.take(message, now)
                taken.add(message.phone_id)
            else:
                report.counts[str(decision.outcome)] += 1
            records.append(as_record(message, decision, now, keeper.rule_set))
        GateDecision.objects.store(records)
        Message.objects.save_claims(due)
    return [message for message in due if message.state == State.SENDING]


def _apply(message: Message, decision: Decision, now: datetime, *, claiming: bool = False) -> None:
    """Puts the decision into the text: claimed, held, blocked or recorded. A claim saves all its texts at once."""
    message.error = "" if decision.outcome == Outcome.ALLOWED else decision.reason[:300]
    if decision.outcome == Outcome.ALLOWED and claiming:
        message.state, message.claimed_at, message.attempts = State.SENDING, now, message.attempts + 1
    elif decision.outcome == Outcome.HELD:
        message.due_at = decision.until or now + LOOK_AGAIN
    elif decision.outcome == Outcome.BLOCKED:
        message.state = State.BLOCKED
    elif decision.outcome == Outcome.DRY_RUN:
        message.state = State.DRY_RUN
    if not claiming:
        message.save(update_fields=["state", "due_at", "error"])


def prepare_texts(messages: Sequence[Message]) -> None:
    """What the gate judges: market, sender and words as they are now. Saves nothing."""
    _follow_leads(messages)
    _choose_senders(messages)
    choose_anew(messages, timezone.now())
    for message in messages:
        write_body(message)


def _follow_leads(messages: Iterable[Message]) -> None:
    """A person's answer goes in the name of the market that works the lead now; a campaign's text stays its market's,
    and the gate blocks it when the lead is elsewhere."""
    for message in messages:
        if message.step_id is None and message.lead is not None:
            message.market = message.lead.market


def _choose_senders(messages: Sequence[Message]) -> None:
    """A text keeps its sender while that is in use; else the number the person knows, else one of the market's."""
    usable = list(SenderNumber.objects.usable({m.market_id for m in messages if m.market_id}))
    known = Message.objects.last_senders({message.phone_id for message in messages})
    for message in messages:
        mine = [sender for sender in usable if sender.market_id in (None, message.market_id)]
        kept = next((sender for sender in mine if sender.pk == message.sender_id), None)
        whom = message.owner_id or message.phone_id or 0
        message.sender = kept or choose_sender(mine, message.phone, known, whom)


def _told(message: Message) -> Result[Message]:
    """What a person is told of a text of theirs."""
    if message.state == State.BLOCKED:
        return Result.declined(str(Outcome.BLOCKED), message.error)
    if message.state == State.QUEUED and message.error:
        return Result.declined(str(Outcome.HELD), message.error)
    return Result.ok(message, f"Nothing leaves: {message.error}" if message.state == State.DRY_RUN else "")


def _market_of(phone: PhoneNumber) -> Market | None:
    """Of the last text with this number; if that was about a lead, the market that works the lead now."""
    last = Message.objects.last_with_market(phone)
    if last is None:
        return None
    return last.lead.market if last.lead else last.market


def _wake() -> None:
    from outreach.tasks import send_due_messages  # the tasks are built on the services

    wake_on_commit(send_due_messages)
