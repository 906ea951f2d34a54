"""Encryption of personal data at rest (AES-256-GCM) and the keyed hash by which an encrypted value is found again.

Stored form: version (1 byte) | key id (1 byte) | nonce (12 bytes) | ciphertext and tag. The key id names one of
`settings.FIELD_KEYS`; the first of them encrypts, all of them decrypt, so keys rotate without a stop. Nothing ties a
value to its row or column (no associated data): set-based SQL may move values between rows and history tables.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = 1
_HEADER = 2
_NONCE = 12


class DecryptionError(Exception):
    """The stored bytes cannot be read with any configured key, or were tampered with."""


class KeyConfigurationError(Exception):
    """A key in the settings is missing or malformed."""


def encrypt(text: str) -> bytes:
    key_id, cipher = _ring(tuple(settings.FIELD_KEYS))[0]
    nonce = os.urandom(_NONCE)
    return bytes((VERSION, key_id)) + nonce + cipher.encrypt(nonce, text.encode(), None)


def decrypt(stored: bytes) -> str:
    stored = bytes(stored)
    if len(stored) < _HEADER + _NONCE or stored[0] != VERSION:
        raise DecryptionError("not a value encrypted by this system")
    ciphers = dict(_ring(tuple(settings.FIELD_KEYS)))
    if stored[1] not in ciphers:
        raise DecryptionError(f"no key with id {stored[1]} in FIELD_KEYS")
    nonce, body = stored[_HEADER : _HEADER + _NONCE], stored[_HEADER + _NONCE :]
    try:
        return ciphers[stored[1]].decrypt(nonce, body, None).decode()
    except InvalidTag:
        raise DecryptionError(f"key {stored[1]} does not open this value") from None


def current_key_id() -> int:
    return _ring(tuple(settings.FIELD_KEYS))[0][0]


def blind_index(value: str) -> bytes:
    """HMAC-SHA256 of the value: 32 bytes that find it and tell nothing about it without the hash key."""
    return hmac.digest(_hash_key(settings.FIELD_HASH_KEY), value.encode(), "sha256")


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> tuple[tuple[int, AESGCM], ...]:
    if not keys:
        raise KeyConfigurationError("FIELD_KEYS names no key")
    return tuple(_parse_key(entry) for entry in keys)


def _parse_key(entry: str) -> tuple[int, AESGCM]:
    key_id, _, encoded = entry.partition(":")
    if not key_id.isdigit() or not 0 <= int(key_id) <= 255:
        raise KeyConfigurationError("a key in FIELD_KEYS is not written as id:base64 with an id from 0 to 255")
    return int(key_id), AESGCM(_key_bytes(encoded, "FIELD_KEYS"))


@lru_cache(maxsize=8)
def _hash_key(encoded: str) -> bytes:
    return _key_bytes(encoded, "FIELD_HASH_KEY")


def _key_bytes(encoded: str, setting: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise KeyConfigurationError(f"a key in {setting} is not base64") from None
    if len(key) != 32:
        raise KeyConfigurationError(f"a key in {setting} has {len(key)} bytes instead of 32")
    return key
