"""System checks: settings that would lose data, leak it, or send texts that nobody can answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from core.crypto import KeyConfigurationError, parse_hash_key, parse_keys

DEVELOPMENT_KEY = b"development-"
"""How the public keys begin that a development machine runs with."""


@register(Tags.security)
def check_field_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return [*_malformed_keys(), *_public_keys()]


@register(Tags.security)
def check_live_sending(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return [*_missing_credentials(), *_unreachable_address()] if settings.LIVE_SENDING else []


def _malformed_keys() -> Iterator[CheckMessage]:
    hint = "Make a key with: python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"
    try:
        parse_keys(tuple(settings.FIELD_KEYS))
    except KeyConfigurationError as error:
        yield Error(f"{error}.", hint=f"{hint} and write it as 1:<key>.", id="core.E001")
    try:
        parse_hash_key(settings.FIELD_HASH_KEY)
    except KeyConfigurationError as error:
        yield Error(f"{error}.", hint=hint, id="core.E002")


def _public_keys() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        return
    for setting, keys in _readable_keys().items():
        if any(key.startswith(DEVELOPMENT_KEY) for key in keys):
            yield Error(f"{setting} holds a public development key while DEBUG is off.", id="core.E003")


def _readable_keys() -> dict[str, list[bytes]]:
    keys = {"SECRET_KEY": [settings.SECRET_KEY.encode()]}
    try:
        keys["FIELD_KEYS"] = list(parse_keys(tuple(settings.FIELD_KEYS)).values())
        keys["FIELD_HASH_KEY"] = [parse_hash_key(settings.FIELD_HASH_KEY)]
    except KeyConfigurationError:
        pass  # core.E001 and core.E002 report it
    return keys


def _missing_credentials() -> Iterator[CheckMessage]:
    missing = [name for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN") if not getattr(settings, name)]
    if missing:
        yield Error(f"LIVE_SENDING is on without {' and '.join(missing)}.", id="core.E004")


def _unreachable_address() -> Iterator[CheckMessage]:
    """A simulator on this machine reaches plain http; Twilio signs and calls back over https only."""
    if not _is_this_machine(settings.TWILIO_BASE_URL) and urlsplit(settings.PUBLIC_BASE_URL).scheme != "https":
        message = f"LIVE_SENDING is on, but PUBLIC_BASE_URL is not https: {settings.PUBLIC_BASE_URL}."
        hint = "Replies and delivery reports, STOP among them, would not arrive."
        yield Error(message, hint=hint, id="core.E005")


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
