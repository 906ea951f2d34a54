from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from local.openai_simulator import OpenAISimulator
from local.twilio_simulator import TwilioSimulator

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "simulated-auth-token"


@pytest.fixture(scope="module")
def running_twilio() -> Iterator[TwilioSimulator]:
    with TwilioSimulator(ACCOUNT_SID, AUTH_TOKEN, hang_seconds=5.0) as twilio:
        yield twilio


@pytest.fixture
def twilio_simulator(running_twilio: TwilioSimulator, settings: LazySettings) -> Iterator[TwilioSimulator]:
    """Twilio on a free port, with an empty log; the product is live towards it. Callbacks go nowhere."""
    running_twilio.reset()
    settings.TWILIO_BASE_URL = running_twilio.base_url
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT_SID, AUTH_TOKEN
    settings.TWILIO_TIMEOUT = 1.0
    settings.LIVE_SENDING = True
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:9"  # nobody listens: a test that wants callbacks says where
    yield running_twilio
    running_twilio.wait_until_quiet()


@pytest.fixture
def openai(settings: LazySettings) -> Iterator[OpenAISimulator]:
    """OpenAI on a free port, and the product with its key."""
    with OpenAISimulator("sk-test") as simulator:
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", simulator.base_url
        yield simulator
