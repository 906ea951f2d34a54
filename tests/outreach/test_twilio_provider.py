from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from local.twilio_simulator import TwilioSimulator
from outreach.provider import OutgoingText, ProviderError, UnknownOutcomeError, sms_provider
from outreach.twilio_provider import TwilioProvider
from tests.outreach.campaign_setting import MONDAY_MORNING
from tests.outreach.conftest import ACCOUNT_SID, AUTH_TOKEN

OURS = "+12255560100"
CREATED = b"HTTP/1.1 201 Created\r\n"


def text_to(ending: str, body: str = "Hello") -> OutgoingText:
    return OutgoingText(f"+1225578{ending}", OURS, body, "http://127.0.0.1:9/twilio/status/x/")


def provider_at(base_url: str, timeout: float = 0.5) -> TwilioProvider:
    return TwilioProvider(ACCOUNT_SID, AUTH_TOKEN, base_url=base_url, timeout=timeout)


@contextmanager
def a_server_that_answers(answer: bytes) -> Iterator[str]:
    """Accepts one request and answers with these bytes, whatever they are."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=_answer_once, args=(server, answer))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def _answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with closing(connection):
        connection.recv(65536)
        connection.sendall(answer)


def test_an_accepted_text_comes_back_with_its_sid(twilio_simulator: TwilioSimulator) -> None:
    sent = sms_provider().send(text_to("1234"))
    assert (sent.to, sent.sender, sent.body, sent.direction) == ("+12255781234", OURS, "Hello", "out")
    assert sent.sid == twilio_simulator.log()["messages"][0]["sid"]
    assert sent.created_at
    assert abs(sent.created_at - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("ending", "code", "permanent"), [("0001", 21211, True), ("0002", 21610, True), ("0003", 20429, False)]
)
def test_a_refusal_keeps_its_code(twilio_simulator: TwilioSimulator, ending: str, code: int, permanent: bool) -> None:
    with pytest.raises(ProviderError) as refused:
        sms_provider().send(text_to(ending))
    assert (refused.value.code, refused.value.permanent) == (code, permanent)
    assert twilio_simulator.counts()["accepted"] == 0


def test_wrong_credentials_are_permanent(twilio_simulator: TwilioSimulator) -> None:
    wrong = TwilioProvider(ACCOUNT_SID, "wrong", base_url=twilio_simulator.base_url, timeout=1)
    with pytest.raises(ProviderError) as refused:
        wrong.send(text_to("1234"))
    assert (refused.value.code, refused.value.permanent) == (20003, True)


def test_a_server_error_leaves_the_outcome_unknown(twilio_simulator: TwilioSimulator) -> None:
    with pytest.raises(UnknownOutcomeError):
        sms_provider().send(text_to("0004"))


def test_a_time_out_comes_when_the_setting_says_and_leaves_the_outcome_unknown(
    twilio_simulator: TwilioSimulator,
) -> None:
    started = time.monotonic()
    with pytest.raises(UnknownOutcomeError):
        provider_at(twilio_simulator.base_url, timeout=0.3).send(text_to("0005"))
    assert 0.3 <= time.monotonic() - started < 1.5
    assert twilio_simulator.counts()["accepted"] == 1  # asked once: the library's own retries are off


def test_a_server_that_is_not_there_was_given_nothing() -> None:
    with pytest.raises(ProviderError) as down:
        provider_at("http://127.0.0.1:9").send(text_to("1234"))
    assert not down.value.permanent
    assert down.value.code is None


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 201 Created\r\nContent-Length: 900\r\n\r\n{",
        b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\noops",
    ],
    ids=["hangs up", "breaks off", "no JSON"],
)
def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(answer: bytes) -> None:
    with a_server_that_answers(answer) as base_url, pytest.raises(UnknownOutcomeError):
        provider_at(base_url).send(text_to("1234"))


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7),
        ("Mon, 14 Sep 2026 16:00:30 GMT", 30),
        ("Mon, 14 Sep 2026 15:00:00 GMT", 0),
        ("999999999999999", None),
        ("86400", 3600),
        ("soon", None),
    ],
)
def test_it_waits_as_long_as_the_answer_asks(asked: str, seconds: int | None) -> None:
    body = b'{"code": 20429, "message": "Too Many Requests", "status": 429}'
    head = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: %s\r\nContent-Length: %d\r\n\r\n"
    answer = head % (asked.encode(), len(body)) + body
    morning = time_machine.travel(MONDAY_MORNING, tick=False)
    with morning, a_server_that_answers(answer) as base_url, pytest.raises(ProviderError) as refused:
        provider_at(base_url).send(text_to("1234"))
    assert refused.value.retry_after == (None if seconds is None else timedelta(seconds=seconds))


def test_texts_are_listed_newest_first_and_fetched(twilio_simulator: TwilioSimulator) -> None:
    provider = sms_provider()
    first, second = provider.send(text_to("1234", "one")), provider.send(text_to("1234", "two"))
    twilio_simulator.text_in("+12255781234", OURS, "who is this")
    twilio_simulator.wait_until_quiet()
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert [text.sid for text in provider.list_texts(since, to="+12255781234")] == [second.sid, first.sid]
    assert [text.direction for text in provider.list_texts(since)] == ["in", "out", "out"]
    assert provider.fetch(first.sid).status == "delivered"


def test_a_line_is_looked_up(twilio_simulator: TwilioSimulator) -> None:
    line = sms_provider().look_up("+12255780005")
    assert (line.valid, line.line_type) == (True, "mobile")
    assert not sms_provider().look_up("+1225").valid


def test_the_log_shows_no_number(twilio_simulator: TwilioSimulator, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="twilio"):
        sms_provider().look_up("+12255780005")
        sms_provider().send(text_to("1234"))
    assert "225578" not in caplog.text
