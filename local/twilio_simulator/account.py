"""What Twilio and the phones behind it do with a text."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from local.twilio_simulator import errors
from local.twilio_simulator.errors import ApiError, Refusal
from local.twilio_simulator.faults import Course, Draws, Step
from local.twilio_simulator.journal import Journal
from local.twilio_simulator.lookup import is_valid
from local.twilio_simulator.messages import Message, MessageDraft, Messages
from local.twilio_simulator.scenario import Stranger
from local.twilio_simulator.settings import Settings
from local.twilio_simulator.timetable import Timetable
from local.twilio_simulator.webhooks import Errand, Webhooks, inbound_parameters, status_parameters

MAX_BODY = 1600
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})


@dataclass(frozen=True)
class Draft:
    """The form of a create, read once."""

    to: str
    from_: str
    body: str
    callback_url: str
    service_sid: str | None

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> Draft:
        service = form.get("MessagingServiceSid") or None
        return cls(
            form.get("To", ""), form.get("From", ""), form.get("Body", ""), form.get("StatusCallback", ""), service
        )


class Account:
    """`closing` is set when the simulator ends, so that a slow insert does not hold it up."""

    def __init__(self, settings: Settings, closing: threading.Event) -> None:
        self.settings, self.scenario = settings, settings.scenario
        skew = timedelta(seconds=self.scenario.clock_skew)
        self.messages = Messages(settings.account_sid, settings.sid_seed, skew)
        self.journal = Journal()
        self.timetable = Timetable(settings.workers)
        self._closing = closing
        self._webhooks = Webhooks(settings.auth_token, self.timetable, settings.retry_delay)
        self._lock = threading.Lock()
        self._opted_out: set[str] = set()
        self._texts_to: Counter[str] = Counter()
        self._texts_from: Counter[str] = Counter()
        self._requests_for: Counter[str] = Counter()
        self._strangers_wrote = False

    def create(self, form: Mapping[str, str]) -> tuple[Message | None, Course]:
        """No message when the connection is cut off before anything was accepted."""
        draft, asked = Draft.from_form(form), datetime.now(UTC)
        course = self.scenario.course_of(draft.to, self._next(self._requests_for, draft.to))
        refusal = self._refusal(draft) or course.refusal
        if refusal:
            self.journal.refused(draft.to, draft.body, refusal)
            raise ApiError(refusal, self._headers(refusal))
        if course.cut_off:
            self.journal.cut_off(draft.to, draft.body)
            return None, course
        if course.slow:
            self._closing.wait(self.settings.insert_delay)
        message = self._accept(draft, course, asked)
        steps = (Step("queued"), *course.steps) if draft.service_sid else course.steps
        self.timetable.plan(self.settings.status_delay, lambda: self._step(message, draft, course, steps))
        self._let_strangers_write(message.from_)
        return message, course

    def receive(self, from_: str, to: str, body: str, media: int = 0) -> Message:
        """A person texts one of our numbers, perhaps with pictures."""
        self._heed_keyword(from_, body)
        message = self.messages.add(MessageDraft("inbound", from_, to, body, media=media), "received")
        if self.settings.inbound_url:
            self._announce(message)
        return message

    def has_opted_out(self, number: str) -> bool:
        with self._lock:
            return number in self._opted_out

    def reset(self) -> None:
        self.timetable.clear()
        self.messages.clear()
        self.journal.clear()
        with self._lock:
            self._opted_out.clear()
            for counts in (self._texts_to, self._texts_from, self._requests_for):
                counts.clear()
            self._strangers_wrote = False

    def close(self) -> None:
        self.timetable.close()

    def _headers(self, refusal: Refusal) -> dict[str, str]:
        return {"Retry-After": f"{self.settings.retry_after:.0f}"} if refusal.status == 429 else {}

    def _refusal(self, draft: Draft) -> Refusal | None:
        if not draft.to:
            return errors.TO_REQUIRED
        if not is_valid(draft.to):
            return errors.TO_INVALID
        if not draft.from_ and not draft.service_sid:
            return errors.FROM_REQUIRED
        if draft.from_ and self.settings.numbers and draft.from_ not in self.settings.numbers:
            return errors.FROM_NOT_OURS
        if not draft.body:
            return errors.BODY_REQUIRED
        if len(draft.body) > MAX_BODY:
            return errors.BODY_TOO_LONG
        return errors.OPTED_OUT if self.has_opted_out(draft.to) else None

    def _accept(self, draft: Draft, course: Course, asked: datetime) -> Message:
        sender = draft.from_ or min(self.settings.numbers, default="+12255550100")
        made = MessageDraft(
            "outbound-api",
            sender,
            draft.to,
            draft.body,
            service_sid=draft.service_sid,
            faults=course.words,
            callback_url=draft.callback_url,
            asked=asked,
        )
        return self.messages.add(made, "accepted" if draft.service_sid else "queued")

    def _step(self, message: Message, draft: Draft, course: Course, steps: tuple[Step, ...]) -> None:
        """One status and its callback, then plans the next: so one message's callbacks keep their order."""
        step, *later = steps
        if step.status == "undelivered" and course.error:
            message.error_code, message.error_message = course.error.code, course.error.message
        was_delivered = message.status == "delivered"
        message.advance(step.status, self.messages.now())
        self._call_back(message, draft.callback_url, step)
        if step.status == "delivered" and not was_delivered:
            self._let_answer(message)
        if later:
            delay = self.settings.status_delay
            self.timetable.plan(delay, lambda: self._step(message, draft, course, tuple(later)))

    def _call_back(self, message: Message, url: str, step: Step) -> None:
        if step.dropped:
            self.journal.lost(message, step.status)
        elif url and step.late:
            on_time = replace(step, late=False)
            self.timetable.plan(self.settings.late_delay, lambda: self._call_back(message, url, on_time))
        elif url:
            parameters = status_parameters(message, step.status)
            self._webhooks.run(Errand(url, message, step.status, parameters, self.journal.called_back))

    def _let_answer(self, message: Message) -> None:
        nth = self._next(self._texts_to, message.to)
        reply = self.settings.persona(message.to, message.body, nth)
        if reply is not None:
            delay = self.settings.reply_delay * reply.delay
            self.timetable.plan(delay, lambda: self.receive(message.to, message.from_, reply.text, reply.media))

    def _let_strangers_write(self, our_number: str) -> None:
        with self._lock:
            strangers = () if self._strangers_wrote else self.scenario.strangers
            self._strangers_wrote = True
        for stranger in strangers:
            self._let_write(stranger, our_number)

    def _let_write(self, stranger: Stranger, our_number: str) -> None:
        self.timetable.plan(
            stranger.after, lambda: self.receive(stranger.number, our_number, stranger.text, stranger.media)
        )

    def _announce(self, message: Message) -> None:
        """The webhook of a text that came in, with the scenario's faults."""
        replies = self.scenario.replies
        draws = Draws(self.scenario.seed, "from", message.from_, self._next(self._texts_from, message.from_))
        if draws.hits(replies.dropped, "dropped"):
            self.journal.lost_inbound(message)
            return
        delay = self.settings.late_delay if draws.hits(replies.late, "late") else 0.0
        for _ in range(2 if draws.hits(replies.twice, "twice") else 1):
            self.timetable.plan(delay, lambda: self._post_inbound(message))

    def _post_inbound(self, message: Message) -> None:
        url, parameters = self.settings.inbound_url, inbound_parameters(message)
        self._webhooks.run(Errand(url, message, "received", parameters, self.journal.posted_inbound))

    def _heed_keyword(self, number: str, body: str) -> None:
        """Twilio blocks per pair of numbers; here all of ours at once, which the product must do too."""
        word = body.strip().upper()
        with self._lock:
            if word in STOP_WORDS:
                self._opted_out.add(number)
            elif word in START_WORDS:
                self._opted_out.discard(number)

    def _next(self, counts: Counter[str], number: str) -> int:
        with self._lock:
            counts[number] += 1
            return counts[number]
