"""Lookup v2. `validation_errors` are libphonenumber's own verdicts, as at Twilio."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from local.twilio_simulator.faults import BUILT_IN

PACKAGES = (
    "caller_name",
    "sim_swap",
    "call_forwarding",
    "line_status",
    "line_type_intelligence",
    "identity_match",
    "reassigned_number",
    "sms_pumping_risk",
    "phone_number_quality_score",
    "pre_fill",
)
_ERRORS = {
    ValidationResult.INVALID_COUNTRY_CODE: "INVALID_COUNTRY_CODE",
    ValidationResult.TOO_SHORT: "TOO_SHORT",
    ValidationResult.TOO_LONG: "TOO_LONG",
    ValidationResult.INVALID_LENGTH: "INVALID_LENGTH",
}
_Line = tuple[int, str, str | None, str | None, str | None]
# Up to that draw of 100: type, carrier, country code, network code (Twilio has that for mobile numbers only).
_LINES: tuple[_Line, ...] = (
    (30, "mobile", "AT&T Wireless", "310", "410"),
    (58, "mobile", "T-Mobile USA, Inc.", "310", "260"),
    (80, "mobile", "Verizon Wireless", "311", "480"),
    (91, "landline", "AT&T Southeast", "313", None),
    (95, "fixedVoip", "Cox Communications", "313", None),
    (100, "nonFixedVoip", "Twilio - SMS/MMS-SVR", "313", None),
)


def parse(text: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, "US")
    except NumberParseException:
        return None


def is_valid(text: str) -> bool:
    number = parse(text)
    return text.startswith("+") and number is not None and phonenumbers.is_valid_number(number)


def look_up(text: str, fields: str, base_url: str, line_types: Mapping[str, str]) -> dict[str, object]:
    number = parse(text)
    error = _error(number)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else text
    wanted = fields.split(",")
    answer: dict[str, object] = {
        "calling_country_code": str(number.country_code) if number else None,
        "country_code": phonenumbers.region_code_for_number(number) if number and not error else None,
        "phone_number": e164,
        "national_format": _national(number) if number and not error else None,
        "valid": error is None,
        "validation_errors": [error] if error else [],
        **dict.fromkeys(PACKAGES),
        "url": f"{base_url}/v2/PhoneNumbers/{e164}",
    }
    if "line_type_intelligence" in wanted and error is None:
        answer["line_type_intelligence"] = line_of(e164, line_types)
    return answer


def line_of(e164: str, line_types: Mapping[str, str]) -> dict[str, object]:
    """By a hash of the number; the numbers of the fault table are mobiles, so that a text gets as far as the fault."""
    draw = hashlib.sha256(e164.encode()).digest()[0] * 100 // 256
    fixed = line_types.get(e164) or ("mobile" if e164[-4:] in BUILT_IN else None)
    rows = [row for row in _LINES if fixed in (None, row[1])] or [(100, str(fixed), None, None, None)]
    _, kind, carrier, mcc, mnc = next((row for row in rows if draw < row[0]), rows[-1])
    return {
        "mobile_country_code": mcc,
        "mobile_network_code": mnc,
        "carrier_name": carrier,
        "type": kind,
        "error_code": None,
    }


def _error(number: PhoneNumber | None) -> str | None:
    if number is None:
        return "NOT_A_NUMBER"
    if phonenumbers.is_valid_number(number):
        return None
    return _ERRORS.get(phonenumbers.is_possible_number_with_reason(number), "INVALID_BUT_POSSIBLE")


def _national(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
