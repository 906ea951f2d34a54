"""The numbers and messaging services of the account. Without a list of numbers every number is its own."""

from __future__ import annotations

from collections.abc import Mapping

from local.twilio_simulator.messages import API_VERSION
from local.twilio_simulator.settings import Settings


def owned_numbers(settings: Settings, query: Mapping[str, str]) -> dict[str, object]:
    """One page of the account's numbers, narrowed to `PhoneNumber` where it is asked for."""
    asked = query.get("PhoneNumber", "")
    owned = sorted(settings.numbers) or ([asked] if asked.startswith("+") else [])
    uri = f"/{API_VERSION}/Accounts/{settings.account_sid}/IncomingPhoneNumbers.json"
    found = [number for number in owned if asked in ("", number)]
    return {
        "incoming_phone_numbers": [_number(settings, number) for number in found],
        "page": 0,
        "page_size": 50,
        "start": 0,
        "end": max(0, len(found) - 1),
        "uri": uri,
        "first_page_uri": uri,
        "next_page_uri": None,
        "previous_page_uri": None,
    }


def service(settings: Settings, sid: str) -> dict[str, object]:
    return {"sid": sid, "account_sid": settings.account_sid, "friendly_name": "Land texts"}


def _number(settings: Settings, number: str) -> dict[str, object]:
    return {
        "sid": f"PN{int(number[1:]):032x}",
        "account_sid": settings.account_sid,
        "phone_number": number,
        "friendly_name": number,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "status": "in-use",
    }
