"""What the product needs of a text provider, in its own words; only the adapter knows whose it is."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from django.conf import settings


@dataclass(frozen=True)
class HttpAnswer:
    """What is worth keeping of an answer itself; nothing of it where none came."""

    status: int | None = None
    request_id: str = ""


class ProviderError(Exception):
    """The provider refused, or was not reached at all: nothing was sent. `code` is the provider's, when it gave one."""

    def __init__(
        self,
        detail: str,
        *,
        permanent: bool,
        code: int | None = None,
        retry_after: timedelta | None = None,
        http: HttpAnswer = HttpAnswer(),
    ) -> None:
        super().__init__(detail)
        self.detail, self.permanent, self.code, self.retry_after = detail, permanent, code, retry_after
        self.http = http


class UnknownOutcomeError(Exception):
    """The request went out and no usable answer came back: the text may be on its way. Never send it again blindly."""

    def __init__(self, detail: str, *, http: HttpAnswer = HttpAnswer()) -> None:
        super().__init__(detail)
        self.http = http


@dataclass(frozen=True)
class OutgoingText:
    to: str
    sender: str
    body: str
    callback_url: str


@dataclass(frozen=True)
class Charge:
    """What the provider takes for a text, in its currency, and for how many segments."""

    price: Decimal
    unit: str
    segments: int | None = None


@dataclass(frozen=True)
class ProviderText:
    """A text as the provider has it; `status` in its words, `direction` out or in. `charge` comes some time after the
    text has left."""

    sid: str
    status: str
    direction: str
    to: str
    sender: str
    body: str
    created_at: datetime | None
    error_code: int | None = None
    charge: Charge | None = None
    pictures: int = 0
    http: HttpAnswer = HttpAnswer()


@dataclass(frozen=True)
class LineInfo:
    """`line_type` is one of PhoneNumber.LineType."""

    valid: bool
    line_type: str
    carrier: str


class SmsProvider(Protocol):
    """Every method raises ProviderError when it was refused; only `send` can raise UnknownOutcomeError."""

    def send(self, text: OutgoingText) -> ProviderText: ...

    def fetch(self, sid: str) -> ProviderText: ...

    def list_texts(self, since: datetime, *, to: str = "", sender: str = "") -> Iterator[ProviderText]:
        """Texts of both directions since that moment, newest first, fetched page by page."""
        ...

    def look_up(self, number: str) -> LineInfo: ...

    def is_ours(self, sender: str) -> bool:
        """Whether this number or messaging service belongs to our account."""
        ...


def sms_provider() -> SmsProvider:
    """One per thread and settings: connections are kept, but neither a forked worker nor another thread shares them."""
    account = (settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN)
    return _provider((os.getpid(), threading.get_ident()), *account, settings.TWILIO_BASE_URL, settings.TWILIO_TIMEOUT)


def may_send() -> bool:
    """The live switch and credentials: without both nothing leaves, not even a look-up."""
    return bool(settings.LIVE_SENDING and settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN)


@lru_cache(maxsize=64)
def _provider(whose: tuple[int, int], account_sid: str, auth_token: str, base_url: str, timeout: float) -> SmsProvider:
    from outreach.twilio_provider import TwilioProvider  # the adapter imports this module's words

    return TwilioProvider(account_sid, auth_token, base_url=base_url, timeout=timeout)
