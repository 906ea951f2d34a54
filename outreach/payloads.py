"""What Twilio posts, read once at the edge into two frozen values; nothing behind it sees a raw parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

_SID = re.compile(r"[A-Za-z0-9]{2,34}")
_STATUS = re.compile(r"[a-z][a-z_-]{0,19}")


class BadPayloadError(ValueError):
    """A parameter is missing or cannot be what Twilio sends; the message names it in one line."""


@dataclass(frozen=True)
class InboundText:
    """`opt_out_type` is STOP, START or HELP when the provider's Advanced Opt-Out took the text for a keyword."""

    sid: str
    from_number: str
    to_number: str
    body: str
    opt_out_type: str = ""
    service_sid: str = ""
    """The messaging service that the number belongs to."""
    pictures: int = 0

    @property
    def key(self) -> str:
        return f"inbound:{self.sid}"

    @classmethod
    def read(cls, params: Mapping[str, str]) -> InboundText:
        return cls(
            sid=_matching(params, "MessageSid", _SID),
            from_number=_number(params, "From"),
            to_number=_number(params, "To"),
            body=params.get("Body", "").replace("\x00", ""),  # PostgreSQL stores no NUL
            opt_out_type=params.get("OptOutType", "").strip().upper(),
            service_sid=params.get("MessagingServiceSid", "").strip(),
            pictures=_pictures(params.get("NumMedia", "")),
        )


@dataclass(frozen=True)
class StatusCallback:
    """`token` is our own id of the message, from the callback's address: it is known before the sid is."""

    token: UUID
    sid: str
    status: str
    error_code: int | None = None
    carrier_time: str = ""
    """When it happened, as the carrier's receipt writes it (yymmddhhmm); often missing."""

    @property
    def key(self) -> str:
        return f"status:{self.sid}:{self.status}"

    @classmethod
    def read(cls, token: UUID, params: Mapping[str, str]) -> StatusCallback:
        code = params.get("ErrorCode", "").strip()
        if code and not (code.isascii() and code.isdigit() and len(code) < 7):
            raise BadPayloadError("ErrorCode is not a number")
        return cls(
            token=token,
            sid=_matching(params, "MessageSid", _SID),
            status=_matching(params, "MessageStatus", _STATUS),
            error_code=int(code) if code else None,
            carrier_time=_carrier_time(params.get("RawDlrDoneDate", "")),
        )


def _pictures(text: str) -> int:
    """Not worth refusing a reply for either: ten is Twilio's limit, and what is no number counts as none."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 3 else 0


def _carrier_time(text: str) -> str:
    """Not worth refusing a status for: what cannot be a time is left out."""
    digits = text.strip()
    return digits if digits.isascii() and digits.isdigit() and len(digits) in (10, 12) else ""


def _required(params: Mapping[str, str], name: str) -> str:
    value = params.get(name, "").strip()
    if not value:
        raise BadPayloadError(f"{name} is missing")
    return value


def _matching(params: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = _required(params, name)
    if not pattern.fullmatch(value):
        raise BadPayloadError(f"{name} is malformed")
    return value


def _number(params: Mapping[str, str], name: str) -> str:
    value = _required(params, name).replace("\x00", "")
    if len(value) > 64:
        raise BadPayloadError(f"{name} is malformed")
    return value
