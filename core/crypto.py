"""Encryption of personal data at rest (AES-256-GCM) and the keyed hash by which an encrypted value is found again.

Stored form: version (1 byte) | key id (1 byte) | nonce (12 bytes) | ciphertext and tag. The key id names one of
`settings.FIELD_KEYS`; the first of them encrypts, all of them decrypt, so keys rotate without a stop. Nothing ties a
value to its row or column (no associated data): set-based SQL copies values between staging, live and history tables,
and whoever can swap values between rows can already rewrite the rows. Nonces are random, so rotate a key before it has
encrypted 2**32 values.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = 1
HEADER_BYTES = 2
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
KEY_BYTES = 32


class DecryptionError(Exception):
    """The stored bytes cannot be read with any configured key, or were tampered with."""


class KeyConfigurationError(ImproperlyConfigured):
    """A key in the settings is missing or malformed; the message never contains the key."""


@dataclass(frozen=True)
class _KeyRing:
    header: bytes
    """What a freshly encrypted value starts with: version and current key id."""
    current: AESGCM
    by_id: dict[int, AESGCM]


def encrypt(text: str) -> bytes:
    ring = _ring(tuple(settings.FIELD_KEYS))
    nonce = os.urandom(NONCE_BYTES)
    return ring.header + nonce + ring.current.encrypt(nonce, text.encode(), None)


def decrypt(stored: bytes) -> str:
    """The text; raises DecryptionError, and never gives back what it could not read."""
    stored = bytes(stored)
    if len(stored) < OVERHEAD_BYTES or stored[0] != VERSION:
        raise DecryptionError("not a value encrypted by this system")
    cipher = _ring(tuple(settings.FIELD_KEYS)).by_id.get(stored[1])
    if cipher is None:
        raise DecryptionError(f"no key with id {stored[1]} in FIELD_KEYS")
    nonce, body = stored[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES], stored[HEADER_BYTES + NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, body, None).decode()
    except InvalidTag:
        raise DecryptionError(f"key {stored[1]} does not open this value") from None


def current_header() -> bytes:
    """The first bytes of every value that needs no rotation."""
    return _ring(tuple(settings.FIELD_KEYS)).header


def current_key_id() -> int:
    return current_header()[1]


def blind_index(value: str) -> bytes:
    """HMAC-SHA256 of the value: 32 bytes that find it and tell nothing about it without the hash key."""
    return hmac.digest(_hash_key(settings.FIELD_HASH_KEY), value.encode(), "sha256")


def parse_keys(entries: tuple[str, ...]) -> dict[int, bytes]:
    """FIELD_KEYS as key id -> 32 bytes, in order; raises KeyConfigurationError."""
    if not entries:
        raise KeyConfigurationError("FIELD_KEYS names no key")
    keys: dict[int, bytes] = {}
    for entry in entries:
        key_id, key = _parse_key(entry)
        if key_id in keys:
            raise KeyConfigurationError(f"FIELD_KEYS uses the id {key_id} twice")
        keys[key_id] = key
    return keys


def parse_hash_key(encoded: str) -> bytes:
    """FIELD_HASH_KEY as 32 bytes; raises KeyConfigurationError."""
    if not encoded:
        raise KeyConfigurationError("FIELD_HASH_KEY is not set")
    return _key_bytes(encoded, "FIELD_HASH_KEY")


# Both caches are keyed by the settings' values, so a changed setting takes effect at once.
@lru_cache(maxsize=8)
def _ring(entries: tuple[str, ...]) -> _KeyRing:
    ciphers = {key_id: AESGCM(key) for key_id, key in parse_keys(entries).items()}
    key_id, current = next(iter(ciphers.items()))
    return _KeyRing(bytes((VERSION, key_id)), current, ciphers)


@lru_cache(maxsize=8)
def _hash_key(encoded: str) -> bytes:
    return parse_hash_key(encoded)


def _parse_key(entry: str) -> tuple[int, bytes]:
    key_id, _, encoded = entry.partition(":")
    if not (key_id.isascii() and key_id.isdigit() and int(key_id) <= 255):
        raise KeyConfigurationError("a key in FIELD_KEYS is not written as id:base64 with an id from 0 to 255")
    return int(key_id), _key_bytes(encoded, "FIELD_KEYS")


def _key_bytes(encoded: str, setting: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise KeyConfigurationError(f"a key in {setting} is not base64") from None
    if len(key) != KEY_BYTES:
        raise KeyConfigurationError(f"a key in {setting} has {len(key)} bytes instead of {KEY_BYTES}")
    return key
