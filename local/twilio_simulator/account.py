"""What Twilio and the phones behind it do with a text."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from local.twilio_simulator import errors
from local.twilio_simulator.errors import ApiError, Refusal
from local.twilio_simulator.faults import Course, course_of
from local.twilio_simulator.journal import Journal
from local.twilio_simulator.lookup import is_valid
from local.twilio_simulator.messages import Message, Messages
from local.twilio_simulator.settings import Settings
from local.twilio_simulator.timetable import Timetable
from local.twilio_simulator.webhooks import Webhooks, inbound_parameters, status_parameters

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
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.messages = Messages(settings.account_sid, settings.sid_seed)
        self.journal = Journal()
        self.timetable = Timetable(settings.workers)
        self._webhooks = Webhooks(settings.auth_token)
        self._lock = threading.Lock()
        self._opted_out: set[str] = set()
        self._texts_to: Counter[str] = Counter()

    def create(self, form: Mapping[str, str]) -> tuple[Message, Course]:
        draft = Draft.from_form(form)
        course = course_of(draft.to)
        refusal = self._refusal(draft) or course.refusal
        if refusal:
            self.journal.refused(draft.to, draft.body, refusal)
            raise ApiError(refusal)
        message = self._accept(draft)
        steps = ("queued", *course.callbacks) if draft.service_sid else course.callbacks
        self.timetable.plan(self.settings.status_delay, lambda: self._step(message, draft, course, steps))
        return message, course

    def receive(self, from_: str, to: str, body: str) -> Message:
        """A person texts one of our numbers."""
        self._heed_keyword(from_, body)
        message = self.messages.add("inbound", from_, to, body, "received")
        if self.settings.inbound_url:
            self.timetable.plan(0, lambda: self._post_inbound(message))
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
            self._texts_to.clear()

    def close(self) -> None:
        self.timetable.close()

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

    def _accept(self, draft: Draft) -> Message:
        sender = draft.from_ or min(self.settings.numbers, default="+12255550100")
        status = "accepted" if draft.service_sid else "queued"
        message = self.messages.add("outbound-api", sender, draft.to, draft.body, status)
        message.messaging_service_sid = draft.service_sid
        return message

    def _step(self, message: Message, draft: Draft, course: Course, steps: tuple[str, ...]) -> None:
        """One status and its callback, then plans the next: so one message's callbacks keep their order."""
        status, *later = steps
        if status == "undelivered":
            message.error_code, message.error_message = course.error_code, course.error_message
        was_delivered = message.status == "delivered"
        message.advance(status, datetime.now(UTC))
        self._call_back(message, draft.callback_url, course, status)
        if status == "delivered" and not was_delivered:
            self._let_answer(message)
        if later:
            delay = self.settings.status_delay
            self.timetable.plan(delay, lambda: self._step(message, draft, course, tuple(later)))

    def _call_back(self, message: Message, url: str, course: Course, status: str) -> None:
        if course.lost:
            self.journal.lost(message, status)
        elif url:
            post = self._webhooks.post(url, message, status, status_parameters(message, status))
            self.journal.called_back(post)

    def _let_answer(self, message: Message) -> None:
        with self._lock:
            self._texts_to[message.to] += 1
            nth = self._texts_to[message.to]
        reply = self.settings.persona(message.to, message.body, nth)
        if reply is not None:
            text, delay = reply.text, self.settings.reply_delay * reply.delay
            self.timetable.plan(delay, lambda: self._answer(message, text))

    def _answer(self, message: Message, text: str) -> None:
        self.receive(message.to, message.from_, text)

    def _post_inbound(self, message: Message) -> None:
        post = self._webhooks.post(self.settings.inbound_url, message, "received", inbound_parameters(message))
        self.journal.posted_inbound(post)

    def _heed_keyword(self, number: str, body: str) -> None:
        """Twilio blocks per pair of numbers; here all of ours at once, which the product must do too."""
        word = body.strip().upper()
        with self._lock:
            if word in STOP_WORDS:
                self._opted_out.add(number)
            elif word in START_WORDS:
                self._opted_out.discard(number)
