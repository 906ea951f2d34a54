"""Twilio's refusals, as its REST API words them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Refusal:
    status: int
    code: int
    message: str

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


class ApiError(Exception):
    """`headers` go with the answer: a 429 says when to come again."""

    def __init__(self, refusal: Refusal, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(refusal.message)
        self.refusal, self.headers = refusal, headers or {}


AUTHENTICATE = Refusal(401, 20003, "Authenticate")
TO_INVALID = Refusal(400, 21211, "The 'To' number is not a valid phone number.")
TO_REQUIRED = Refusal(400, 21604, "A 'To' phone number is required.")
FROM_REQUIRED = Refusal(400, 21603, "A 'From' phone number is required.")
FROM_NOT_OURS = Refusal(
    400, 21606, "The 'From' phone number is not a valid, SMS-capable inbound phone number for your account."
)
BODY_REQUIRED = Refusal(400, 21602, "Message body is required.")
BODY_TOO_LONG = Refusal(400, 21617, "The concatenated message body exceeds the 1600 character limit")
OPTED_OUT = Refusal(400, 21610, "Attempt to send to unsubscribed recipient")
TOO_MANY_REQUESTS = Refusal(429, 20429, "Too Many Requests")
INTERNAL = Refusal(500, 20500, "An internal server error has occurred")

_AT_CREATION = (AUTHENTICATE, TO_INVALID, OPTED_OUT, FROM_NOT_OURS, TOO_MANY_REQUESTS, INTERNAL)
_OTHERS: Mapping[int, str] = {
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    21608: "The number is unverified. Trial accounts cannot send messages to unverified numbers",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "The 'To' phone number is not currently reachable using the 'From' phone number via SMS",
    21614: "'To' number is not a valid mobile number",
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30022: "US A2P 10DLC - Rate limits exceeded",
    30023: "US A2P 10DLC - Daily message cap reached",
    30032: "Toll-free number has not been verified",
    30034: "US A2P 10DLC - Message from an unregistered number",
    30610: "Message blocked during the recipient's quiet hours",
    30640: "Message blocked: recipient is a known litigator",
}
REFUSALS: Mapping[int, Refusal] = MappingProxyType(
    {row.code: row for row in _AT_CREATION}
    | {code: Refusal(400, code, message) for code, message in _OTHERS.items()}
    | {429: Refusal(429, 429, "Too Many Requests")}
)
"""Error code -> what answers a create, and what a message that was not delivered carries."""


def not_found(path: str) -> ApiError:
    return ApiError(Refusal(404, 20404, f"The requested resource {path} was not found"))


def invalid_parameter(name: str, value: str) -> ApiError:
    return ApiError(Refusal(400, 20001, f"Invalid parameter {name}: {value}"))
