"""What the last four digits of a destination provoke. Everything else is delivered."""

from __future__ import annotations

from dataclasses import dataclass

from local.twilio_simulator.errors import INTERNAL, OPTED_OUT, TO_INVALID, TOO_MANY_REQUESTS, Refusal


@dataclass(frozen=True)
class Course:
    """What becomes of a message.

    `callbacks` are the statuses in the order in which callbacks report them; the record itself never goes backwards.
    `hangs`: accepted, but the answer to the caller never comes. `lost`: no callback leaves.
    """

    refusal: Refusal | None = None
    hangs: bool = False
    lost: bool = False
    callbacks: tuple[str, ...] = ("sent", "delivered")
    error_code: int | None = None
    error_message: str | None = None


def _undelivered(code: int, message: str) -> Course:
    return Course(callbacks=("sent", "undelivered"), error_code=code, error_message=message)


DELIVERED = Course()

FAULTS: dict[str, Course] = {
    "0001": Course(refusal=TO_INVALID),
    "0002": Course(refusal=OPTED_OUT),
    "0003": Course(refusal=TOO_MANY_REQUESTS),
    "0004": Course(refusal=INTERNAL),
    "0005": Course(hangs=True),
    "0006": _undelivered(30003, "Unreachable destination handset"),
    "0007": _undelivered(30007, "Message filtered"),
    "0008": _undelivered(30006, "Landline or unreachable carrier"),
    "0009": Course(callbacks=("delivered", "sent", "delivered", "sent")),
    "0010": Course(lost=True),
}


def course_of(number: str) -> Course:
    return FAULTS.get(number[-4:], DELIVERED)
