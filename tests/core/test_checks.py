import base64

import pytest
from django.core import checks

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def production(settings):
    settings.DEBUG = False
    settings.SECRET_KEY = "k" * 60
    settings.FIELD_KEYS = [f"1:{KEY}"]
    settings.FIELD_HASH_KEY = KEY
    settings.LIVE_SENDING = True
    settings.PUBLIC_BASE_URL = "https://crm.example.com"
    settings.TWILIO_BASE_URL = ""
    settings.TWILIO_ACCOUNT_SID = "AC1"
    settings.TWILIO_AUTH_TOKEN = "token"
    return settings


def found():
    return [message.id for message in checks.run_checks(tags=[checks.Tags.security]) if str(message.id)[:5] == "core."]


def test_good_settings_pass():
    assert found() == []


@pytest.mark.parametrize("keys", [[], [KEY], ["1:c2hvcnQ="], [f"1:{KEY}", f"1:{KEY}"]])
def test_malformed_field_keys(production, keys):
    production.FIELD_KEYS = keys
    assert found() == ["core.E001"]


@pytest.mark.parametrize("key", ["", "c2hvcnQ=", "not base64"])
def test_malformed_hash_key(production, key):
    production.FIELD_HASH_KEY = key
    assert found() == ["core.E002"]


def test_the_keys_of_a_development_machine_are_refused_in_production(production):
    public = base64.b64encode(b"development-key-not-secret-00001").decode()
    production.FIELD_KEYS = [f"2:{KEY}", f"1:{public}"]
    assert found() == ["core.E003"]
    production.FIELD_HASH_KEY = public
    production.SECRET_KEY = "development-only-key-that-protects-nothing"
    assert found() == ["core.E003"] * 3
    production.DEBUG = True
    assert found() == []


def test_the_keys_that_development_really_uses_are_known(production, monkeypatch):
    from local import environment

    for name in ("SECRET_KEY", "FIELD_KEYS", "FIELD_HASH_KEY"):
        monkeypatch.delenv(name, raising=False)
    environment.set_development_defaults()
    production.SECRET_KEY = environment.os.environ["SECRET_KEY"]
    production.FIELD_KEYS = environment.os.environ["FIELD_KEYS"].split(",")
    production.FIELD_HASH_KEY = environment.os.environ["FIELD_HASH_KEY"]
    assert found() == ["core.E003"] * 3


def test_live_sending_needs_credentials(production):
    production.TWILIO_ACCOUNT_SID = production.TWILIO_AUTH_TOKEN = ""
    assert found() == ["core.E004"]
    production.LIVE_SENDING = False
    assert found() == []


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("", ["core.E005"]),
        ("https://api.twilio.com", ["core.E005"]),
        ("http://127.0.0.1:8010", []),
        ("http://localhost:8010", []),
        ("http://[::1]:8010", []),
        ("http://127.0.0.1.example.com", ["core.E005"]),
    ],
)
def test_live_sending_needs_https_unless_a_simulator_on_this_machine_answers(production, provider, expected):
    production.PUBLIC_BASE_URL = "http://crm.example.com"
    production.TWILIO_BASE_URL = provider
    assert found() == expected
    production.LIVE_SENDING = False
    assert found() == []
