"""The numbers and messaging services of the account. Without a list of numbers every number is its own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from local.twilio_simulator.messages import API_VERSION, account_uri
from local.twilio_simulator.settings import Settings

_SINCE = "Thu, 01 Jan 2026 08:00:00 +0000", "2026-01-01T08:00:00Z"
"""Since when the account has them, as either of Twilio's two APIs writes it."""
_NONE_OF_NUMBER = (
    "address_sid", "identity_sid", "sms_application_sid", "sms_fallback_url", "status_callback", "trunk_sid",
    "voice_application_sid", "voice_fallback_url", "voice_url", "emergency_address_sid", "bundle_sid",
)  # fmt: skip
_NONE_OF_SERVICE = ("inbound_request_url", "fallback_url", "status_callback")


def owned_numbers(settings: Settings, query: Mapping[str, str]) -> dict[str, object]:
    """One page of the account's numbers, narrowed to `PhoneNumber` where it is asked for."""
    asked = query.get("PhoneNumber", "")
    owned = sorted(settings.numbers) or ([asked] if re.fullmatch(r"\+[1-9][0-9]{1,14}", asked) else [])
    uri = f"{account_uri(settings.account_sid)}/IncomingPhoneNumbers.json"
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
    return {
        **dict.fromkeys(_NONE_OF_SERVICE),
        "sid": sid,
        "account_sid": settings.account_sid,
        "friendly_name": "Land texts",
        "date_created": _SINCE[1],
        "date_updated": _SINCE[1],
        "inbound_method": "POST",
        "fallback_method": "POST",
        "sticky_sender": True,
        "mms_converter": True,
        "smart_encoding": False,
        "scan_message_content": "inherit",
        "fallback_to_long_code": False,
        "area_code_geomatch": True,
        "synchronous_validation": False,
        "validity_period": 14_400,
        "url": f"https://messaging.twilio.com/v1/Services/{sid}",
        "links": {"phone_numbers": f"https://messaging.twilio.com/v1/Services/{sid}/PhoneNumbers"},
        "usecase": "marketing",
        "us_app_to_person_registered": True,
        "use_inbound_webhook_on_number": True,
    }


def _number(settings: Settings, number: str) -> dict[str, object]:
    sid = f"PN{int(number[1:]):032x}"
    return {
        **dict.fromkeys(_NONE_OF_NUMBER),
        "sid": sid,
        "account_sid": settings.account_sid,
        "phone_number": number,
        "friendly_name": number,
        "address_requirements": "none",
        "api_version": API_VERSION,
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "date_created": _SINCE[0],
        "date_updated": _SINCE[0],
        "origin": "twilio",
        "sms_method": "POST",
        "sms_url": settings.inbound_url or None,
        "sms_fallback_method": "POST",
        "status_callback_method": "POST",
        "uri": f"{account_uri(settings.account_sid)}/IncomingPhoneNumbers/{sid}.json",
        "voice_receive_mode": "voice",
        "voice_caller_id_lookup": False,
        "voice_method": "POST",
        "voice_fallback_method": "POST",
        "emergency_status": "Inactive",
        "emergency_address_status": "unregistered",
        "status": "in-use",
    }
