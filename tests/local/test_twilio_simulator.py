"""The simulator as the official client sees it, over HTTP, with webhooks received by a real server."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from local.engines import free_port
from local.http import Request, Response, Server
from local.personas import PersonaReply
from local.twilio_simulator import TwilioSimulator
from local.twilio_simulator.faults import BUILT_IN
from local.twilio_simulator.segments import count_segments
from local.twilio_simulator.timetable import Timetable
from outreach.segments import measure

SID, TOKEN = "AC" + "1" * 32, "the-auth-token"
OURS, ADA, BEN = "+12255550100", "+12255550711", "+15045550722"


class RedirectedHttpClient(TwilioHttpClient):
    """The official client builds https://api.twilio.com/... itself; this changes scheme and host, nothing else."""

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = urlsplit(base_url)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        elsewhere = urlunsplit(urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc))
        return super().request(method, elsewhere, *args, **kwargs)


@dataclass
class Receiver:
    """The product's webhook address, played by a server that keeps what it gets and checks who signed it."""

    status: int = 200
    first: list[int] = field(default_factory=list)
    got: list[dict[str, str]] = field(default_factory=list)
    genuine: list[bool] = field(default_factory=list)
    base_url: str = ""

    def answer(self, request: Request) -> Response:
        query = f"?{'&'.join(f'{k}={v}' for k, v in request.query.items())}" if request.query else ""
        form = request.form()
        signature = request.headers["X-Twilio-Signature"]
        self.genuine.append(RequestValidator(TOKEN).validate(self.base_url + request.path + query, form, signature))
        self.got.append(form | request.query)
        return Response(self.first.pop(0) if self.first else self.status)

    def statuses(self, sid: str) -> list[str]:
        return [form["MessageStatus"] for form in self.got if form["MessageSid"] == sid]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    server = Server(receiver.answer)
    receiver.base_url = server.base_url
    server.start()
    yield receiver
    server.stop()


@pytest.fixture
def simulator(receiver: Receiver) -> Iterator[TwilioSimulator]:
    with TwilioSimulator(SID, TOKEN, inbound_url=f"{receiver.base_url}/inbound", hang_seconds=5) as simulator:
        yield simulator


@pytest.fixture
def client(simulator: TwilioSimulator) -> Iterator[Client]:
    yield from _client(simulator)


def _client(simulator: TwilioSimulator, token: str = TOKEN, timeout: float = 5) -> Iterator[Client]:
    http = RedirectedHttpClient(simulator.base_url, timeout)
    yield Client(SID, token, http_client=http)
    http.session.close()


def send(client: Client, to: str = ADA, body: str = "Hello", **options: Any) -> Any:
    return client.messages.create(to=to, from_=OURS, body=body, **options)


def refused(client: Client, **message: Any) -> TwilioRestException:
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(**({"to": ADA, "from_": OURS, "body": "Hello"} | message))
    return caught.value


class TestCreating:
    def test_a_message_is_queued_and_then_delivered(self, client: Client, simulator: TwilioSimulator) -> None:
        message = send(client, body="Hello Ada")
        assert re.fullmatch("SM[0-9a-f]{32}", message.sid)
        assert (message.status, message.to, message.from_, message.body) == ("queued", ADA, OURS, "Hello Ada")
        assert (message.direction, message.num_segments, message.num_media) == ("outbound-api", "1", "0")
        assert (message.date_sent, message.price, message.error_code) == (None, None, None)
        assert abs(datetime.now(UTC) - message.date_created) < timedelta(seconds=5)
        simulator.wait_until_quiet()
        fetched = client.messages(message.sid).fetch()
        assert (fetched.status, fetched.price, fetched.price_unit) == ("delivered", "-0.00830", "USD")
        assert fetched.date_sent >= message.date_created

    def test_the_same_seed_gives_the_same_sids(self) -> None:
        sids = []
        for seed in ("a", "a", "b"):
            with TwilioSimulator(SID, TOKEN, sid_seed=seed) as simulator:
                sids.append([simulator.text_in(ADA, OURS, "one").sid, simulator.text_in(ADA, OURS, "two").sid])
        assert sids[0] == sids[1] != sids[2]
        assert len(set(sids[0])) == 2

    def test_wrong_credentials_get_401(self, simulator: TwilioSimulator) -> None:
        for stranger in _client(simulator, token="guessed"):
            error = refused(stranger)
        assert (error.status, error.code) == (401, 20003)
        assert simulator.counts()["accepted"] == 0

    def test_another_account_is_not_found(self, simulator: TwilioSimulator) -> None:
        url = f"{simulator.base_url}/2010-04-01/Accounts/AC{'2' * 32}/Messages.json"
        answer = requests.post(url, auth=(SID, TOKEN), data={"To": ADA, "From": OURS, "Body": "x"}, timeout=5)
        assert (answer.status_code, answer.json()["code"]) == (404, 20404)

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"to": "+1225555"}, 21211),
            ({"to": "+19995550123"}, 21211),
            ({"to": "2255550123"}, 21211),
            ({"to": "Ada"}, 21211),
            ({"body": ""}, 21602),
            ({"body": "x" * 1601}, 21617),
        ],
    )
    def test_bad_messages_are_refused(
        self, client: Client, simulator: TwilioSimulator, change: dict[str, str], code: int
    ) -> None:
        error = refused(client, **change)
        assert (error.status, error.code) == (400, code)
        assert simulator.counts() == simulator.counts() | {"accepted": 0, "refused": {str(code): 1}, "pending": 0}

    def test_1600_characters_are_taken(self, client: Client) -> None:
        assert send(client, body="x" * 1600).num_segments == "11"

    def test_only_the_accounts_numbers_send_when_they_are_known(self) -> None:
        with TwilioSimulator(SID, TOKEN, numbers=frozenset({OURS})) as simulator:
            for client in _client(simulator):
                assert refused(client, from_=BEN).code == 21606
                assert send(client).status == "queued"

    def test_a_messaging_service_picks_the_sender(self, receiver: Receiver) -> None:
        with TwilioSimulator(SID, TOKEN, numbers=frozenset({OURS})) as simulator:
            for client in _client(simulator):
                service, url = "MG" + "1" * 32, f"{receiver.base_url}/status"
                made = client.messages.create(to=ADA, body="Hi", messaging_service_sid=service, status_callback=url)
                simulator.wait_until_quiet()
        assert (made.status, made.from_, made.messaging_service_sid) == ("accepted", OURS, service)
        assert receiver.statuses(made.sid) == ["queued", "sent", "delivered"]

    @pytest.mark.parametrize(
        "text",
        ["a" * 160, "a" * 161, "a" * 306, "a" * 307, "€" * 80, "€" * 81, "“hi”", "é" * 161, "🏡" * 35, "🏡" * 36],
    )
    def test_segments_are_counted_as_the_product_counts_them(self, text: str) -> None:
        assert count_segments(text) == measure(text).count


class TestFaults:
    def number(self, ending: str) -> str:
        return f"+1225555{ending}"

    @pytest.mark.parametrize(
        ("ending", "status", "code"),
        [("0001", 400, 21211), ("0002", 400, 21610), ("0003", 429, 20429), ("0004", 500, 20500)],
    )
    def test_refusals(self, client: Client, simulator: TwilioSimulator, ending: str, status: int, code: int) -> None:
        error = refused(client, to=self.number(ending))
        assert (error.status, error.code) == (status, code)
        assert client.messages.list() == []
        assert simulator.log()["refused"][0]["code"] == code

    def test_0005_is_accepted_and_delivered_but_never_answered(
        self, simulator: TwilioSimulator, receiver: Receiver
    ) -> None:
        for client in _client(simulator, timeout=0.3):
            with pytest.raises(requests.exceptions.ReadTimeout):
                send(client, to=self.number("0005"), status_callback=f"{receiver.base_url}/status")
            simulator.wait_until_quiet()
            (kept,) = client.messages.list(to=self.number("0005"))
        assert kept.status == "delivered"
        assert receiver.statuses(kept.sid) == ["sent", "delivered"]

    def test_0005_hangs_up_in_the_end(self) -> None:
        with TwilioSimulator(SID, TOKEN, hang_seconds=0.05) as simulator:
            for client in _client(simulator):
                with pytest.raises(requests.exceptions.ConnectionError):
                    send(client, to=self.number("0005"))

    @pytest.mark.parametrize(("ending", "code"), [("0006", 30003), ("0007", 30007), ("0008", 30006)])
    def test_undelivered(
        self, client: Client, simulator: TwilioSimulator, receiver: Receiver, ending: str, code: int
    ) -> None:
        sid = send(client, to=self.number(ending), status_callback=f"{receiver.base_url}/status").sid
        simulator.wait_until_quiet()
        fetched = client.messages(sid).fetch()
        assert (fetched.status, fetched.error_code) == ("undelivered", code)
        assert fetched.error_message
        assert receiver.statuses(sid) == ["sent", "undelivered"]
        assert [form.get("ErrorCode") for form in receiver.got] == [None, str(code)]

    def test_0009_calls_back_twice_and_out_of_order(
        self, client: Client, simulator: TwilioSimulator, receiver: Receiver
    ) -> None:
        sid = send(client, to=self.number("0009"), status_callback=f"{receiver.base_url}/status").sid
        simulator.wait_until_quiet()
        assert receiver.statuses(sid) == ["delivered", "sent", "delivered", "sent"]
        assert client.messages(sid).fetch().status == "delivered"

    def test_0010_is_delivered_without_a_word(
        self, client: Client, simulator: TwilioSimulator, receiver: Receiver
    ) -> None:
        sid = send(client, to=self.number("0010"), status_callback=f"{receiver.base_url}/status").sid
        simulator.wait_until_quiet()
        assert receiver.got == []
        assert client.messages(sid).fetch().status == "delivered"
        assert simulator.log()["callbacks_lost"] == [
            {"sid": sid, "status": "sent"},
            {"sid": sid, "status": "delivered"},
        ]

    def test_the_docstring_names_every_fault(self) -> None:
        import local.twilio_simulator

        documented = re.findall(r"^    (\d{4})  ", local.twilio_simulator.__doc__ or "", re.MULTILINE)
        assert documented == list(BUILT_IN)


class TestStatusCallbacks:
    def test_they_carry_twilios_parameters_signed_over_the_whole_address(
        self, client: Client, simulator: TwilioSimulator, receiver: Receiver
    ) -> None:
        sid = send(client, status_callback=f"{receiver.base_url}/status/?message=42&try=1#rc=2").sid
        simulator.wait_until_quiet()
        assert receiver.genuine == [True, True]
        sent, delivered = receiver.got
        common = {"MessageSid": sid, "SmsSid": sid, "To": ADA, "From": OURS, "AccountSid": SID}
        common |= {"ApiVersion": "2010-04-01", "message": "42", "try": "1"}
        assert sent == common | {"MessageStatus": "sent", "SmsStatus": "sent"}
        assert re.fullmatch(r"\d{10}", delivered.pop("RawDlrDoneDate"))
        assert delivered == common | {"MessageStatus": "delivered", "SmsStatus": "delivered"}

    def test_a_signature_of_another_token_does_not_pass(self, client: Client, simulator: TwilioSimulator) -> None:
        validator = RequestValidator("another")
        seen: list[bool] = []

        def answer(request: Request) -> Response:
            url = f"{server.base_url}{request.path}"
            seen.append(validator.validate(url, request.form(), request.headers["X-Twilio-Signature"]))
            return Response(403)

        server = Server(answer)
        server.start()
        send(client, status_callback=f"{server.base_url}/status")
        simulator.wait_until_quiet()
        server.stop()
        assert seen == [False, False]
        assert simulator.counts()["callbacks"] == {"403": 2}

    def test_an_error_answer_is_not_retried(
        self, client: Client, simulator: TwilioSimulator, receiver: Receiver
    ) -> None:
        receiver.status = 500
        send(client, status_callback=f"{receiver.base_url}/status")
        simulator.wait_until_quiet()
        assert [(post["response"], post["attempts"]) for post in simulator.log()["callbacks"]] == [(500, 1), (500, 1)]

    def test_the_address_may_ask_for_more_retries(
        self, client: Client, simulator: TwilioSimulator, receiver: Receiver
    ) -> None:
        receiver.status = 503
        send(client, status_callback=f"{receiver.base_url}/status#rc=5&rp=all")
        simulator.wait_until_quiet()
        assert [(post["response"], post["attempts"]) for post in simulator.log()["callbacks"]] == [(503, 6), (503, 6)]

    def test_a_retry_that_is_taken_is_the_last(
        self, client: Client, simulator: TwilioSimulator, receiver: Receiver
    ) -> None:
        receiver.first = [503, 404]
        send(client, status_callback=f"{receiver.base_url}/status#rc=5&rp=4xx,5xx")
        simulator.wait_until_quiet()
        posts = simulator.log()["callbacks"]
        assert {post["response"] for post in posts} == {200}
        assert sum(post["attempts"] for post in posts) == 4

    def test_a_connection_that_fails_is_tried_once_more(self, client: Client, simulator: TwilioSimulator) -> None:
        send(client, status_callback=f"http://127.0.0.1:{free_port()}/nobody")
        simulator.wait_until_quiet()
        assert [(post["response"], post["attempts"]) for post in simulator.log()["callbacks"]] == [(None, 2), (None, 2)]
        assert simulator.counts()["callbacks"] == {"none": 2}


class TestListing:
    def test_pages_follow_each_other_to_the_end(self, client: Client, simulator: TwilioSimulator) -> None:
        made = [send(client, body=f"text {number}").sid for number in range(7)]
        simulator.wait_until_quiet()
        assert [message.sid for message in client.messages.stream(page_size=3)] == made[::-1]
        assert [message.sid for message in client.messages.list(limit=4, page_size=2)] == made[:2:-1]

    def test_an_arrival_between_two_pages_shifts_nothing(self, client: Client, simulator: TwilioSimulator) -> None:
        made = [simulator.text_in(ADA, OURS, str(number)).sid for number in range(4)]
        page = client.messages.page(page_size=2)
        simulator.text_in(BEN, OURS, "late")
        assert [m.sid for m in page] + [m.sid for m in page.next_page()] == made[::-1]

    def test_by_sender_and_recipient(self, client: Client, simulator: TwilioSimulator) -> None:
        to_ada, to_ben = send(client, ADA).sid, send(client, BEN).sid
        from_ada = simulator.text_in(ADA, OURS, "hello?").sid
        assert [m.sid for m in client.messages.list(to=BEN)] == [to_ben]
        assert [m.sid for m in client.messages.list(from_=ADA)] == [from_ada]
        assert [m.sid for m in client.messages.list(from_=OURS)] == [to_ben, to_ada]
        assert [m.direction for m in client.messages.list(to=OURS)] == ["inbound"]

    def test_by_the_time_of_sending(self, client: Client, simulator: TwilioSimulator) -> None:
        old = simulator.text_in(ADA, OURS, "last week")
        old.sent = datetime(2025, 3, 4, 15, 30, tzinfo=UTC)
        new = simulator.text_in(ADA, OURS, "now").sid

        def sids(**when: Any) -> list[str]:
            return [message.sid for message in client.messages.list(**when)]

        assert sids(date_sent_after=datetime.now(UTC) - timedelta(hours=1)) == [new]
        assert sids(date_sent_before=datetime(2025, 3, 4, 15, 30, tzinfo=UTC)) == [old.sid]
        assert sids(date_sent_before=datetime(2025, 3, 4, 15, 29, 59, tzinfo=UTC)) == []
        assert sids(date_sent="2025-03-04") == [old.sid]
        both = {"date_sent_after": "2025-03-01", "date_sent_before": "2025-03-04"}
        assert sids(**both) == [old.sid]

    def test_what_is_not_sent_yet_has_no_date_to_be_found_by(self) -> None:
        with TwilioSimulator(SID, TOKEN, status_delay=60) as simulator:
            for client in _client(simulator):
                send(client)
                assert client.messages.list(date_sent_after=datetime(2025, 1, 1, tzinfo=UTC)) == []
                assert len(client.messages.list()) == 1
            assert simulator.counts()["pending"] == 1

    @pytest.mark.parametrize("query", ["DateSent=yesterday", "PageSize=many", "PageToken=PAnothing"])
    def test_a_bad_filter_is_refused(self, simulator: TwilioSimulator, query: str) -> None:
        url = f"{simulator.base_url}/2010-04-01/Accounts/{SID}/Messages.json?{query}"
        answer = requests.get(url, auth=(SID, TOKEN), timeout=5)
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)

    def test_an_unknown_sid_is_not_found(self, client: Client) -> None:
        with pytest.raises(TwilioRestException) as caught:
            client.messages("SM" + "0" * 32).fetch()
        assert (caught.value.status, caught.value.code) == (404, 20404)


class TestInbound:
    def test_a_text_reaches_the_product_signed_and_is_listed(
        self, client: Client, simulator: TwilioSimulator, receiver: Receiver
    ) -> None:
        sid = simulator.text_in(ADA, OURS, "Cuánto? 🏡 a&b=c").sid
        simulator.wait_until_quiet()
        assert receiver.genuine == [True]
        (form,) = receiver.got
        assert (form["MessageSid"], form["SmsSid"], form["SmsMessageSid"]) == (sid, sid, sid)
        assert (form["From"], form["To"], form["Body"]) == (ADA, OURS, "Cuánto? 🏡 a&b=c")
        assert (form["SmsStatus"], form["NumMedia"], form["NumSegments"]) == ("received", "0", "1")
        assert (form["FromCity"], form["FromState"], form["FromCountry"]) == ("BATON ROUGE", "LA", "US")
        fetched = client.messages(sid).fetch()
        assert (fetched.direction, fetched.status, fetched.body) == ("inbound", "received", form["Body"])

    @pytest.mark.parametrize("word", ["STOP", " stop ", "Unsubscribe", "END", "quit", "OptOut", "revoke"])
    def test_stop_blocks_further_texts_until_start(
        self, client: Client, simulator: TwilioSimulator, receiver: Receiver, word: str
    ) -> None:
        simulator.text_in(ADA, OURS, word)
        assert refused(client).code == 21610
        assert send(client, BEN).status == "queued"
        simulator.text_in(ADA, OURS, "START")
        assert send(client).status == "queued"
        simulator.wait_until_quiet()
        # Two webhooks may arrive in either order, as Twilio's do.
        assert sorted(form["Body"] for form in receiver.got) == sorted([word, "START"])

    @pytest.mark.parametrize("text", ["take me off your list", "I can't stop by today, how much?", "yes"])
    def test_twilio_heeds_key_words_only(self, client: Client, simulator: TwilioSimulator, text: str) -> None:
        simulator.text_in(ADA, OURS, text)
        assert send(client).status == "queued"

    def test_a_persona_answers_what_was_delivered_and_nothing_else(self, receiver: Receiver) -> None:
        asked: list[tuple[str, str, int]] = []

        def persona(number: str, body: str, nth: int) -> PersonaReply | None:
            asked.append((number, body, nth))
            return PersonaReply("STOP", "stop", 1) if number == ADA else None

        with TwilioSimulator(SID, TOKEN, inbound_url=receiver.base_url, persona=persona) as simulator:
            for client in _client(simulator):
                send(client, ADA, "one")
                send(client, BEN, "two")
                send(client, "+12255550007", "filtered")
                simulator.wait_until_quiet()
                send(client, BEN, "three")
                simulator.wait_until_quiet()
                assert refused(client, to=ADA).code == 21610
        assert sorted(asked) == [(ADA, "one", 1), (BEN, "three", 2), (BEN, "two", 1)]
        assert [(form["From"], form["To"], form["Body"]) for form in receiver.got] == [(ADA, OURS, "STOP")]


class TestLookup:
    def test_every_published_field_is_there(self, client: Client) -> None:
        found = client.lookups.v2.phone_numbers(ADA).fetch(fields="line_type_intelligence")
        assert (found.phone_number, found.national_format, found.valid) == (ADA, "(225) 555-0711", True)
        assert (found.calling_country_code, found.country_code, found.validation_errors) == ("1", "US", [])
        line = found.line_type_intelligence
        assert set(line) == {"type", "carrier_name", "mobile_country_code", "mobile_network_code", "error_code"}
        assert (found.caller_name, found.sim_swap, found.line_status, found.pre_fill) == (None, None, None, None)
        assert found.url.endswith(f"/v2/PhoneNumbers/{ADA}")

    def test_the_line_type_costs_extra_and_is_only_there_when_asked_for(self, client: Client) -> None:
        assert client.lookups.v2.phone_numbers(ADA).fetch().line_type_intelligence is None

    @pytest.mark.parametrize(
        ("number", "error"),
        [("+1225555", "TOO_SHORT"), ("+122555501234", "TOO_LONG"), ("+19995550123", "INVALID_BUT_POSSIBLE")],
    )
    def test_an_invalid_number_says_why(self, client: Client, number: str, error: str) -> None:
        found = client.lookups.v2.phone_numbers(number).fetch(fields="line_type_intelligence")
        assert (found.valid, found.validation_errors, found.line_type_intelligence) == (False, [error], None)

    def test_lines_are_of_every_kind_and_stay_what_they_are(self, client: Client) -> None:
        numbers = [f"+1225555{line:04d}" for line in range(100, 180)]
        kinds = [self.kind(client, number) for number in numbers]
        assert set(kinds) == {"mobile", "landline", "fixedVoip", "nonFixedVoip"}
        assert kinds.count("mobile") > 50
        assert [self.kind(client, number) for number in numbers[:5]] == kinds[:5]

    def test_the_fault_numbers_are_mobiles_and_a_test_may_choose(self) -> None:
        with TwilioSimulator(SID, TOKEN, line_types={ADA: "landline", BEN: "tollFree"}) as simulator:
            for client in _client(simulator):
                assert {self.kind(client, f"+1225555{ending}") for ending in BUILT_IN} == {"mobile"}
                assert (self.kind(client, ADA), self.kind(client, BEN)) == ("landline", "tollFree")

    @staticmethod
    def kind(client: Client, number: str) -> str:
        return (
            client.lookups.v2.phone_numbers(number)
            .fetch(fields="line_type_intelligence")
            .line_type_intelligence["type"]
        )


class TestControl:
    def test_the_log_accounts_for_everything(
        self, client: Client, simulator: TwilioSimulator, receiver: Receiver
    ) -> None:
        for ending in ("0111", "0112", "0006", "0009", "0010"):
            send(client, f"+1225555{ending}", status_callback=f"{receiver.base_url}/status")
        for ending in ("0001", "0003"):
            refused(client, to=f"+1225555{ending}")
        simulator.text_in(ADA, OURS, "hello")
        simulator.wait_until_quiet()
        log = requests.get(f"{simulator.base_url}/simulator/log", timeout=5).json()
        assert log["counts"] == {
            "pending": 0,
            "accepted": 5,
            "refused": {"21211": 1, "20429": 1},
            "callbacks": {"200": 10},
            "callbacks_lost": 2,
            "inbound": 1,
            "inbound_posts": {"200": 1},
            "inbound_lost": 0,
            "cut_off": 0,
        }
        assert requests.get(f"{simulator.base_url}/simulator/counts", timeout=5).json() == log["counts"]
        assert [message["sid"] for message in log["messages"]] == [m.sid for m in client.messages.list()][::-1]
        assert Counter(message["status"] for message in log["messages"]) == {
            "delivered": 4,
            "undelivered": 1,
            "received": 1,
        }
        assert [(entry["to"][-4:], entry["code"]) for entry in log["refused"]] == [("0001", 21211), ("0003", 20429)]
        posted = [post["sid"] for post in log["callbacks"] + log["inbound_posts"]]
        assert Counter(posted) == Counter(form["MessageSid"] for form in receiver.got)

    def test_a_person_texts_us_over_http(self, simulator: TwilioSimulator, receiver: Receiver) -> None:
        text = {"from": ADA, "to": OURS, "body": "hello"}
        answer = requests.post(f"{simulator.base_url}/simulator/inbound", json=text, timeout=5)
        assert answer.status_code == 201
        simulator.wait_until_quiet()
        assert [form["MessageSid"] for form in receiver.got] == [answer.json()["sid"]]

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"[]",
            b"\xff",
            b'{"from": "Ada", "to": "+12255550100", "body": "x"}',
            b'{"from": "+", "to": "+12255550100", "body": "x"}',
            '{"from": "+12255550711", "to": "+12255550100", "media": "²"}'.encode(),
        ],
    )
    def test_nonsense_is_answered_with_400(self, simulator: TwilioSimulator, body: bytes) -> None:
        answer = requests.post(f"{simulator.base_url}/simulator/inbound", data=body, timeout=5)
        assert answer.status_code == 400
        assert simulator.counts()["inbound"] == 0

    def test_reset_forgets_everything_but_which_sids_were_used(
        self, client: Client, simulator: TwilioSimulator
    ) -> None:
        before = simulator.text_in(ADA, OURS, "STOP").sid
        simulator.wait_until_quiet()
        assert requests.post(f"{simulator.base_url}/simulator/reset", timeout=5).status_code == 200
        assert client.messages.list() == []
        assert simulator.counts()["inbound"] == 0
        assert send(client).sid != before

    def test_the_page_shows_the_traffic_and_escapes_it(self, simulator: TwilioSimulator) -> None:
        form = {"from": ADA, "to": OURS, "body": "<script>alert(1)</script>"}
        page = requests.post(f"{simulator.base_url}/simulator/inbound", data=form, timeout=5)
        assert page.url == f"{simulator.base_url}/simulator/"
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>" not in page.text

    def test_unknown_pages_are_not_found(self, simulator: TwilioSimulator) -> None:
        assert requests.get(f"{simulator.base_url}/simulator/elsewhere", timeout=5).status_code == 404


class TestServing:
    def test_two_hundred_creates_a_second_with_their_callbacks(
        self, simulator: TwilioSimulator, receiver: Receiver
    ) -> None:
        url = f"{simulator.base_url}/2010-04-01/Accounts/{SID}/Messages.json"

        def send_100(offset: int) -> None:
            with requests.Session() as session:
                for number in range(offset, offset + 100):
                    form = {"To": f"+1225555{number}", "From": OURS, "Body": "x"}
                    form["StatusCallback"] = f"{receiver.base_url}/status"
                    assert session.post(url, data=form, auth=(SID, TOKEN), timeout=5).status_code == 201

        started = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(send_100, (1000, 2000)))
        seconds = time.perf_counter() - started
        simulator.wait_until_quiet()
        assert simulator.counts()["callbacks"] == {"200": 400}
        sids = {form["MessageSid"] for form in receiver.got}
        assert len(sids) == 200
        assert all(receiver.statuses(sid) == ["sent", "delivered"] for sid in sids)
        assert 200 / seconds > 100, "this machine is shared; alone it does several hundred"

    def test_a_stopped_simulator_is_gone_for_kept_alive_connections_too(self) -> None:
        with requests.Session() as session:
            with TwilioSimulator(SID, TOKEN) as simulator:
                url = f"{simulator.base_url}/simulator/counts"
                assert session.get(url, timeout=5).status_code == 200
            with pytest.raises(requests.exceptions.ConnectionError):
                session.get(url, timeout=5)

    def test_as_a_process_it_says_where_it_is_and_ends_when_asked(self) -> None:
        port = free_port()
        command = [sys.executable, "-m", "local.twilio_simulator", "--port", str(port), "--persona-mode", "off"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
            assert process.stdout is not None
            assert f"http://127.0.0.1:{port}/simulator/" in process.stdout.readline()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/simulator/counts", timeout=5) as answer:
                assert json.load(answer)["pending"] == 0
            second = subprocess.run(command, capture_output=True, text=True, check=False)
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == 0
        assert second.returncode == 1
        assert second.stderr == f"twilio simulator: port {port}: Address already in use\n"


class TestTimetable:
    def test_jobs_run_by_due_time_and_a_failing_one_stops_nobody(self, capsys: pytest.CaptureFixture[str]) -> None:
        table, ran = Timetable(workers=1), []

        def fail() -> None:
            raise RuntimeError("one bad job")

        table.plan(0.02, lambda: ran.append("second"))
        table.plan(0.01, fail)
        table.plan(0, lambda: ran.append("first"))
        assert table.pending() == 3
        table.start()
        assert table.wait_until_quiet(5)
        table.close()
        assert ran == ["first", "second"]
        assert "one bad job" in capsys.readouterr().err

    def test_what_is_cleared_never_runs(self) -> None:
        table, ran = Timetable(workers=1), []
        table.plan(60, lambda: ran.append("never"))
        table.start()
        assert not table.wait_until_quiet(0.01)
        table.clear()
        assert table.wait_until_quiet(1)
        table.close()
        assert ran == []
