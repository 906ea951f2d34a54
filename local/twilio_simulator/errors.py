"""Twilio's refusals, as its REST API words them."""

from __future__ import annotations

from dataclasses import dataclass


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
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


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


def not_found(path: str) -> ApiError:
    return ApiError(Refusal(404, 20404, f"The requested resource {path} was not found"))


def invalid_parameter(name: str, value: str) -> ApiError:
    return ApiError(Refusal(400, 20001, f"Invalid parameter {name}: {value}"))
