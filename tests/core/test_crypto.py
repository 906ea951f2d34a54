import base64

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from core.crypto import DecryptionError, KeyConfigurationError, blind_index, current_key_id, decrypt, encrypt

KEY_1, KEY_2 = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


@pytest.fixture
def keys(settings):
    """Sets FIELD_KEYS."""

    def set_keys(*entries):
        settings.FIELD_KEYS = list(entries)

    set_keys(f"1:{KEY_1}")
    return set_keys


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_every_text_comes_back_and_is_not_stored_in_clear(text):
    stored = encrypt(text)
    assert decrypt(stored) == text
    assert len(stored) == 30 + len(text.encode())


def test_it_stores_version_key_id_nonce_and_an_ordinary_aes_gcm_ciphertext(keys):
    stored = encrypt("+12255550123")
    assert stored[:2] == b"\x01\x01"
    assert AESGCM(b"\x01" * 32).decrypt(stored[2:14], stored[14:], None) == b"+12255550123"


def test_the_same_text_is_stored_differently_each_time(keys):
    assert len({encrypt("+12255550123") for _ in range(100)}) == 100


def test_the_first_key_encrypts_and_all_decrypt(keys):
    old = encrypt("one")
    keys(f"2:{KEY_2}", f"1:{KEY_1}")
    assert decrypt(old) == "one"
    assert current_key_id() == encrypt("two")[1] == 2


def test_it_refuses_a_value_whose_key_is_gone(keys):
    stored = encrypt("one")
    keys(f"2:{KEY_2}")
    with pytest.raises(DecryptionError, match="no key with id 1"):
        decrypt(stored)


def test_it_refuses_a_value_when_another_key_wears_its_id(keys):
    stored = encrypt("one")
    keys(f"1:{KEY_2}")
    with pytest.raises(DecryptionError, match="key 1 does not open"):
        decrypt(stored)


@given(st.integers(0, 32), st.integers(1, 255))
def test_it_refuses_a_value_with_any_byte_changed(position, difference):
    stored = bytearray(encrypt("one"))
    stored[position] ^= difference
    with pytest.raises(DecryptionError):
        decrypt(bytes(stored))


@pytest.mark.parametrize("foreign", [b"", b"\x01", b"+12255550123", b"\x01\x01" + b"x" * 27, b"gAAAAABh" * 20])
def test_it_refuses_what_it_did_not_write(foreign):
    with pytest.raises(DecryptionError):
        decrypt(foreign)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "names no key"),
        ([KEY_1], "not written as id:base64"),
        ([f"256:{KEY_1}"], "not written as id:base64"),
        ([f"dev:{KEY_1}"], "not written as id:base64"),
        (["1:not base64"], "not base64"),
        (["1:c2hvcnQ="], "5 bytes instead of 32"),
        ([f"1:{KEY_1}", f"1:{KEY_2}"], "id 1 twice"),
    ],
)
def test_it_names_what_is_wrong_with_a_key_without_showing_it(keys, entries, message):
    keys(*entries)
    with pytest.raises(KeyConfigurationError, match=message) as caught:
        encrypt("one")
    assert KEY_1 not in str(caught.value)


def test_the_blind_index_is_stable_keyed_and_32_bytes(settings):
    settings.FIELD_HASH_KEY = KEY_1
    first = blind_index("+12255550123")
    assert (len(first), blind_index("+12255550123")) == (32, first)
    assert blind_index("+12255550124") != first
    settings.FIELD_HASH_KEY = KEY_2
    assert blind_index("+12255550123") != first
    settings.FIELD_HASH_KEY = ""
    with pytest.raises(KeyConfigurationError, match="FIELD_HASH_KEY is not set"):
        blind_index("+12255550123")
