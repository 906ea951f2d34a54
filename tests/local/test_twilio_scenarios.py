"""Scenarios: read strictly, played reproducibly, every fault seen from outside by the official client."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from local.http import Request, Response, Server
from local.twilio_simulator import ScenarioError, TwilioSimulator, load_scenario
from local.twilio_simulator.errors import REFUSALS
from local.twilio_simulator.scenario import Scenario
from local.twilio_simulator.scenario_files import SHIPPED, read_scenario, shipped_scenarios
from outreach.error_codes import ACTIONS
from outreach.payloads import InboundText

SID, TOKEN = "AC" + "1" * 32, "the-auth-token"
OURS, ADA = "+12255550100", "+12255550711"
NUMBERS = [f"+1225555{number}" for number in range(2000, 2300)]


class Receiver:
    """A webhook address that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.server = Server(self._answer)

    def _answer(self, request: Request) -> Response:
        self.got.append(request.form())
        return Response(204)

    @property
    def url(self) -> str:
        return f"{self.server.base_url}/"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.server.start()
    yield receiver
    receiver.server.stop()


@contextmanager
def playing(text: str, receiver: Receiver | None = None, **options: object) -> Iterator[TwilioSimulator]:
    scenario = read_scenario(text, "test")
    url = receiver.url if receiver else ""
    with TwilioSimulator(SID, TOKEN, inbound_url=url, **scenario.as_options() | options) as simulator:
        yield simulator


def create(
    simulator: TwilioSimulator | str, to: str = ADA, receiver: Receiver | None = None, timeout: float = 5
) -> requests.Response | None:
    """The answer, or None when none came."""
    base_url = simulator if isinstance(simulator, str) else simulator.base_url
    form = {"To": to, "From": OURS, "Body": "Hello"} | ({"StatusCallback": receiver.url} if receiver else {})
    url = f"{base_url}/2010-04-01/Accounts/{SID}/Messages.json"
    try:
        return requests.post(url, form, auth=(SID, TOKEN), timeout=timeout)
    except requests.exceptions.RequestException:
        return None


def answer_of(response: requests.Response | None) -> tuple[int, str | None] | None:
    return None if response is None else (response.status_code, response.json().get("sid"))


class TestReading:
    def test_every_shipped_scenario_is_read_and_explained(self) -> None:
        assert {"calm", "bad_day", "outage", "carrier_filtering", "replies"} <= set(shipped_scenarios())
        readme = (SHIPPED / "README.md").read_text()
        for name in shipped_scenarios():
            assert load_scenario(name).about
            assert f"| `{name}` |" in readme

    def test_the_example_of_the_readme_is_a_scenario(self) -> None:
        example = (SHIPPED / "README.md").read_text().split("```yaml\n")[1].split("```")[0]
        scenario = read_scenario(example, "readme")
        assert scenario.faults.texts.refused == {20429: 0.03, 21610: 0.01}
        assert scenario.as_options()["late_delay"] == 4
        assert scenario.faults_of("+12255550042").callbacks.late == 1

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (
                "texts: {no_answer: 1.5}",
                "texts.no_answer: 1.5 is no share; write a number from 0 (never) to 1",
            ),
            ("texts: {no_answr: 1}", "texts.no_answr: unknown; here belong refused, undelivered, cut_off, no_answer, "),
            ("texts: {refused: {99999: 0.1}}", "texts.refused: 99999 is no error code; use one of 429, 20003, "),
            ("texts: {refused: {20429: 0.7, 21610: 0.7}}", "texts.refused: the shares add up to 1.4; at most 1"),
            ("texts: [1]", "texts: [1] is not a set of names with values; write “name: value” lines"),
            ("callbacks: {dropped: often}", "callbacks.dropped: 'often' is no number"),
            ("callbacks: {dropped: .nan}", "callbacks.dropped: nan is no number"),
            ("replies: {reordered: 0.1}", "replies.reordered: unknown; here belong dropped, late, twice"),
            ("delays: {late: -1}", "delays.late: -1 is below 0; write 0 or more"),
            ("delays: {lunch: 1}", "delays.lunch: unknown; here belong status, reply, late, insert, hang, retry_after"),
            ("numbers: {42: {}}", "numbers.42: an ending is 2 to 11 digits in quotation marks, such as '0042'"),
            ("numbers: {'42': {lost: 1}}", "numbers.42.lost: unknown; here belong texts, callbacks"),
            ("seed: one", "seed: 'one' is no whole number"),
            ("people: {share: 0.1}", "people.says: nobody can answer without words; list some under says"),
            ("people: {says: STOP}", "people.says: 'STOP' is no list; start each entry with a dash"),
            ("people: {says: [{text: 7}]}", "people.says[0].text: 7 is no text"),
            ("strangers: [{number: 5, text: x}]", "strangers[0].number: 5 is no number; write one such as"),
            ("surprise: 1", "surprise: unknown; here belong about, seed, clock_skew, "),
            ("texts: {", "line 1, column 9: not YAML, "),
        ],
    )
    def test_a_bad_file_is_refused_in_one_line(self, text: str, words: str) -> None:
        with pytest.raises(ScenarioError) as caught:
            read_scenario(text, "bad")
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_the_command_refuses_it_too(self, tmp_path: Path) -> None:
        bad = tmp_path / "bad.yaml"
        bad.write_text("texts: {no_answer: 2}")
        found = {name: self.run(name) for name in (str(bad), "sunny", str(tmp_path / "none.yaml"))}
        assert {done.returncode for done in found.values()} == {2}
        assert found[str(bad)].stderr.startswith(f"twilio simulator: {bad}: texts.no_answer: 2 is no share")
        assert found["sunny"].stderr.startswith("twilio simulator: no scenario “sunny”; there are bad_day, calm, ")
        assert "none.yaml: No such file or directory; name a YAML file" in list(found.values())[2].stderr
        assert all(done.stderr.count("\n") == 1 for done in found.values())

    @staticmethod
    def run(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "local.twilio_simulator", "--port", "0", "--scenario", name]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)


class TestReproducing:
    MIX = """
seed: {seed}
texts:
  refused: {{20429: 0.1, 21610: 0.1}}
  undelivered: {{30003: 0.1, 30007: 0.1}}
  failed_answer: 0.1
  cut_off: 0.1
callbacks: {{dropped: 0.2, twice: 0.2, reordered: 0.2}}
replies: {{dropped: 0.3}}
people: {{share: 0.5, says: [How much, STOP, No thanks]}}
"""

    def outcomes(self, seed: int, numbers: list[str], workers: int, receiver: Receiver) -> dict[str, object]:
        """Whatever the order and the speed of the requests: what became of each number, and what was lost."""
        with playing(self.MIX.format(seed=seed), receiver, workers=workers) as simulator:
            with ThreadPoolExecutor(workers) as pool:
                answers = list(pool.map(lambda to: create(simulator, to, receiver), numbers))
            simulator.wait_until_quiet()
            log = simulator.log()
        return {
            "answers": {to: answer_of(answer) for to, answer in zip(numbers, answers, strict=True)},
            "messages": {m["sid"]: (m["to"], m["body"], m["status"], m["error_code"]) for m in log["messages"]},
            "lost": Counter((entry["sid"], entry["status"]) for entry in log["callbacks_lost"]),
            "replies lost": {entry["sid"] for entry in log["inbound_lost"]},
            "callbacks": Counter((post["sid"], post["status"]) for post in log["callbacks"]),
        }

    def test_the_same_seed_gives_the_same_day_however_many_requests_run_at_once(self, receiver: Receiver) -> None:
        alone = self.outcomes(1, NUMBERS, 1, receiver)
        together = self.outcomes(1, NUMBERS[::-1], 8, receiver)
        assert alone == together
        assert self.outcomes(2, NUMBERS, 8, receiver)["answers"] != alone["answers"]

    def test_a_seed_on_the_command_line_repeats_a_day_and_another_one_changes_it(self, tmp_path: Path) -> None:
        file = tmp_path / "mix.yaml"
        file.write_text(self.MIX.format(seed=1))
        first, again, other = (self.day(file, seed) for seed in ("99", "99", "100"))
        assert first == again  # with the same ids
        assert [answer and answer[0] for answer in first] != [answer and answer[0] for answer in other]

    @staticmethod
    def day(file: Path, seed: str) -> list[tuple[int, str | None] | None]:
        command = [sys.executable, "-m", "local.twilio_simulator", "--port", "0", "--scenario", str(file)]
        command += ["--seed", seed, "--repeat-sids", "--account-sid", SID, "--auth-token", TOKEN]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            base_url = process.stdout.readline().split()[3].removesuffix("/simulator/,")
            answers = [answer_of(create(base_url, to)) for to in NUMBERS[:40]]
            process.terminate()
        return answers

    def test_shares_are_about_what_they_say(self, receiver: Receiver) -> None:
        found: Any = self.outcomes(1, NUMBERS, 8, receiver)["answers"]
        statuses = Counter(answer[0] if answer else None for answer in found.values())
        assert 10 < statuses[429] < 60
        assert 10 < statuses[400] < 60
        assert 10 < statuses[500] < 60
        assert 10 < statuses[None] < 60

    def test_a_second_request_for_a_number_has_a_fate_of_its_own(self) -> None:
        scenario = read_scenario("texts: {refused: {20429: 0.5}}", "test")
        fates = [bool(scenario.course_of(ADA, nth).refusal) for nth in range(1, 40)]
        assert 8 < sum(fates) < 32


class TestFaults:
    @pytest.mark.parametrize("code", [code for code in ACTIONS if code is not None])
    def test_every_error_code_the_product_knows_can_be_provoked_in_both_places(
        self, code: int, receiver: Receiver
    ) -> None:
        text = f"numbers: {{'0711': {{texts: {{refused: {code}}}}}, '0722': {{texts: {{undelivered: {code}}}}}}}"
        with playing(text) as simulator:
            refused, taken = create(simulator), create(simulator, "+12255550722", receiver)
            simulator.wait_until_quiet()
        assert refused is not None
        assert taken is not None
        assert (refused.status_code, refused.json()["code"]) == (REFUSALS[code].status, code)
        assert taken.status_code == 201
        assert [form.get("ErrorCode") for form in receiver.got] == [None, str(code)]

    def test_the_shipped_scenario_of_errors_has_every_code_but_the_bare_429(self) -> None:
        endings = {int(ending) for ending in load_scenario("every_error").numbers}
        assert {code for code in ACTIONS if code} - {429} <= endings

    def test_a_429_says_when_to_come_again(self) -> None:
        with playing("delays: {retry_after: 7}") as simulator:
            answer = create(simulator, "+12255550003")
        assert answer is not None
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")

    def test_cut_off_means_that_nothing_was_accepted(self) -> None:
        with playing("") as simulator:
            assert create(simulator, "+12255550014") is None
            assert simulator.counts() == simulator.counts() | {"accepted": 0, "cut_off": 1}

    def test_a_failed_answer_means_that_it_was(self, receiver: Receiver) -> None:
        with playing("") as simulator:
            answer = create(simulator, "+12255550013", receiver)
            simulator.wait_until_quiet()
            assert answer is not None
            assert (answer.status_code, answer.json()["code"], simulator.counts()["accepted"]) == (500, 20500, 1)
        assert [form["MessageStatus"] for form in receiver.got] == ["sent", "delivered"]

    def test_a_slow_insert_is_accepted_after_the_caller_has_left(self, receiver: Receiver) -> None:
        with playing("delays: {insert: 0.4}") as simulator:
            assert create(simulator, "+12255550012", receiver, timeout=0.1) is None
            assert simulator.counts()["accepted"] == 0
            until = time.monotonic() + 5
            while not simulator.counts()["accepted"] and time.monotonic() < until:
                time.sleep(0.02)
            simulator.wait_until_quiet()
        assert [form["MessageStatus"] for form in receiver.got] == ["sent", "delivered"]

    def test_late_callbacks_come_after_the_others(self, receiver: Receiver) -> None:
        with playing("delays: {late: 0.3}") as simulator:
            create(simulator, "+12255550011", receiver)
            create(simulator, ADA, receiver)
            simulator.wait_until_quiet()
        assert [form["To"][-4:] for form in receiver.got] == ["0711", "0711", "0011", "0011"]

    def test_the_longest_ending_counts(self) -> None:
        scenario = read_scenario(
            "numbers: {'11': {texts: {cut_off: 1}}, '0711': {}, '0001': {texts: {refused: 30034}}}", "test"
        )
        assert not scenario.course_of(ADA, 1).cut_off
        assert scenario.course_of("+12255550811", 1).cut_off
        refusal = scenario.course_of("+12255550001", 1).refusal
        assert refusal is not None
        assert refusal.code == 30034

    def test_twilios_clock_is_ahead_everywhere(self) -> None:
        with playing("clock_skew: 300") as simulator:
            answer = create(simulator)
            inbound = simulator.text_in(ADA, OURS, "hello")
        assert answer is not None
        ahead = datetime.now(UTC) + timedelta(seconds=300)
        for moment in (answer.headers["Date"], answer.json()["date_created"]):
            assert abs(parsedate_to_datetime(moment) - ahead) < timedelta(seconds=5)
        assert abs(inbound.created - ahead) < timedelta(seconds=5)


class TestPeople:
    def test_pictures_come_with_their_addresses(self, receiver: Receiver) -> None:
        with playing("", receiver) as simulator:
            sid = simulator.text_in(ADA, OURS, "", media=2).sid
            simulator.wait_until_quiet()
            assert simulator.log()["messages"][0]["num_media"] == "2"
        (form,) = receiver.got
        assert sid.startswith("MM")
        assert (form["NumMedia"], form["Body"]) == ("2", "")
        assert form["MediaUrl0"].startswith(f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages/{sid}/Media/ME")
        assert (form["MediaContentType1"], "MediaUrl2" in form) == ("image/jpeg", False)
        assert InboundText.read(form).sid == sid

    def test_long_and_unicode_answers_count_their_segments(self, receiver: Receiver) -> None:
        with playing("", receiver) as simulator:
            simulator.text_in(ADA, OURS, "x" * 161)
            simulator.wait_until_quiet()
            simulator.text_in(ADA, OURS, "🏡" * 36)
            simulator.wait_until_quiet()
        assert [form["NumSegments"] for form in receiver.got] == ["2", "2"]

    def test_strangers_write_once_our_first_text_is_out(self, receiver: Receiver) -> None:
        text = "strangers: [{number: '+12255559901', text: Do you buy land}, {number: '+12255559902', text: STOP}]"
        with playing(text, receiver) as simulator:
            assert receiver.got == []
            create(simulator)
            create(simulator)
            simulator.wait_until_quiet()
        assert sorted((form["From"], form["To"], form["Body"]) for form in receiver.got) == [
            ("+12255559901", OURS, "Do you buy land"),
            ("+12255559902", OURS, "STOP"),
        ]

    def test_lost_late_and_repeated_replies(self, receiver: Receiver) -> None:
        for text, expected in (("dropped: 1", 0), ("twice: 1", 2), ("late: 1", 1)):
            receiver.got.clear()
            with playing(f"delays: {{late: 0.1}}\nreplies: {{{text}}}", receiver) as simulator:
                simulator.text_in(ADA, OURS, "hello")
                simulator.wait_until_quiet()
                assert simulator.counts()["inbound_lost"] == (text == "dropped: 1")
            assert len(receiver.got) == expected
            assert len({form["MessageSid"] for form in receiver.got}) <= 1

    def test_every_form_of_a_reply_is_in_the_shipped_scenario(self) -> None:
        scenario = load_scenario("replies")
        said = [reply for to in NUMBERS for nth in (1, 2) if (reply := scenario.answer(to, "Hello", nth))]
        texts = {reply.text for reply in said}
        assert {"STOP", "👍", ""} <= texts
        assert any(len(text) > 160 for text in texts)
        assert any(reply.media for reply in said)
        assert not any(scenario.answer(to, "Hello", 3) for to in NUMBERS)


class TestPage:
    def page(self, simulator: TwilioSimulator, query: str = "") -> str:
        return requests.get(f"{simulator.base_url}/simulator/{query}", timeout=5).text

    def test_scenario_faults_and_counts_are_shown(self) -> None:
        with playing("seed: 9\nabout: Much is <lost>.\ntexts: {undelivered: {30007: 1}}") as simulator:
            create(simulator)
            create(simulator, "+12255550001")
            simulator.wait_until_quiet()
            page = self.page(simulator)
        assert "Scenario test, seed 9. Much is &lt;lost&gt;." in page
        assert "undelivered 30007: 1" in page
        assert "<b>1</b>undelivered</a>" in page
        assert "<b>1</b>refused" in page
        assert "400: 21211" in page

    def test_it_filters_by_number_and_status(self) -> None:
        with playing("") as simulator:
            for to in (ADA, "+12255550006"):
                create(simulator, to)
            simulator.text_in(ADA, OURS, "hello")
            simulator.wait_until_quiet()
            assert "2 of 3 texts." in self.page(simulator, "?number=(225)%20555-0711")
            assert "1 of 3 texts." in self.page(simulator, "?number=0711&status=received")
            assert "1 of 3 texts." in self.page(simulator, "?status=undelivered")
            assert "<script>" not in self.page(simulator, "?number=%22%3E%3Cscript%3E")
            assert "0 of 3 texts." in self.page(simulator, "?number=%22%3E%3Cscript%3E99")

    def test_what_was_cut_off_is_listed_and_what_was_lost_is_counted_by_number(self) -> None:
        with playing("") as simulator:
            create(simulator, "+12255550010")
            create(simulator, "+12255550014")
            simulator.wait_until_quiet()
            everybody, lost, cut_off = (self.page(simulator, f"?number={end}") for end in ("", "0010", "0014"))
        assert '<span class="chip bad">cut off</span>' in everybody
        assert "<b>2</b>callbacks lost" in everybody
        assert "<b>2</b>callbacks lost" in lost
        assert "Refused and cut off" not in lost
        assert "<b>0</b>callbacks lost" in cut_off
        assert "+12255550014" in cut_off

    def test_an_empty_page_says_what_will_come(self) -> None:
        with TwilioSimulator(SID, TOKEN, scenario=Scenario()) as simulator:
            assert "No texts yet." in self.page(simulator)
