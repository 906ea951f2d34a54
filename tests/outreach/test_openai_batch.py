from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from local.http import Request, Response, Server, json_response
from outreach.language_model import ModelError
from outreach.openai_batch import OpenAIBatch
from outreach.openai_model import OpenAIModel

WORDS = "Everything has its price I reckon"


def test_the_official_client_is_answered_row_by_row(openai):
    batch = OpenAIBatch(OpenAIModel())
    faults = ("429", "500", "timeout", "truncated", "wrong_schema", "refusal")

    name = batch.start({"good": WORDS} | {fault: f"simulate {fault}" for fault in faults})
    assert batch.fetch(name) is None  # being worked on
    answers = batch.fetch(name)

    assert answers["good"].label == "interested"
    assert {key for key, answer in answers.items() if isinstance(answer, ModelError)} == set(faults)
    assert batch.fetch(name).keys() == answers.keys()


def test_a_batch_that_is_refused_as_a_whole_says_why(openai):
    client = OpenAIModel().client()
    file = client.files.create(file=("replies.jsonl", b"nonsense\n"), purpose="batch")
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")

    with pytest.raises(ModelError, match="refused the batch: Line 1 is no request"):
        OpenAIBatch(OpenAIModel()).fetch(batch.id)


def test_a_line_that_cannot_be_read_and_signs_that_end_lines_elsewhere_spoil_no_other(openai):
    """U+2028, U+0085 and the like stand in replies as they are."""
    words = [f"Everything has{sign}its price I reckon" for sign in ("\u2028", "\u0085", "\x0b", "\x1c")]
    openai.teach(dict.fromkeys(words, "interested"))
    batch = OpenAIBatch(OpenAIModel())
    name = batch.start({str(n): body for n, body in enumerate(words)})
    batch.fetch(name)

    answers = batch.fetch(name)

    assert [answers[str(n)].evidence for n in range(len(words))] == words


@pytest.fixture
def finished(settings) -> Iterator[Callable[..., None]]:
    """A batch that is in this state and has these lines of answers."""
    files: dict[str, bytes] = {}
    batch: dict[str, object] = {"id": "b", "object": "batch", "output_file_id": "good", "error_file_id": "bad"}

    def answer(request: Request) -> Response:
        name = request.path.split("/")[3]
        return json_response(batch) if name == "b" else Response(body=files[name], content_type="application/jsonl")

    def finish(good: bytes, bad: bytes = b"", status: str = "completed") -> None:
        files.update(good=good, bad=bad)
        batch["status"] = status

    server = Server(answer)
    server.start()
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", f"{server.base_url}/v1"
    yield finish
    server.stop()


def line(key: str, label: str = "interested", **response: object) -> bytes:
    said = json.dumps({"label": label, "confidence": 0.9, "evidence": "price"})
    body = {"choices": [{"message": {"content": said}}]}
    return json.dumps({"custom_id": key, "response": {"status_code": 200, "body": body} | response}).encode() + b"\n"


@pytest.mark.parametrize(
    "odd", [b"{", b"[]", b"7", b'{"custom_id": 7}', b'{"custom_id": "2", "response": "none"}', b"\xff", b"  "]
)
def test_a_line_of_another_shape_spoils_no_other(finished, odd):
    finished(line("1") + odd + b"\n" + line("3"))
    assert {key: answer.label for key, answer in OpenAIBatch(OpenAIModel()).fetch("b").items()} == {
        "1": "interested",
        "3": "interested",
    }


@pytest.mark.parametrize("odd", [{"status_code": None}, {"body": None}, {"body": {"choices": 5}}, {"body": "{}"}])
def test_an_answer_of_another_shape_is_a_fault_of_that_reply(finished, odd):
    finished(line("1", **odd) + line("2"))
    answers = OpenAIBatch(OpenAIModel()).fetch("b")
    assert isinstance(answers["1"], ModelError)
    assert answers["2"].label == "interested"


def test_a_reply_that_was_answered_and_is_among_the_errors_too_has_its_answer(finished):
    finished(line("1"), line("1", status_code=500))
    assert OpenAIBatch(OpenAIModel()).fetch("b")["1"].label == "interested"


@pytest.mark.parametrize("status", ["validating", "in_progress", "finalizing", "cancelling", "thinking it over"])
def test_a_batch_that_may_still_get_answers_is_waited_for(finished, status):
    finished(line("1"), status=status)
    assert OpenAIBatch(OpenAIModel()).fetch("b") is None


@pytest.mark.parametrize("status", ["completed", "expired", "cancelled"])
def test_a_batch_that_has_ended_somehow_is_read(finished, status):
    finished(line("1"), status=status)
    assert OpenAIBatch(OpenAIModel()).fetch("b").keys() == {"1"}


def test_a_batch_nobody_knows_is_told(openai):
    with pytest.raises(ModelError, match="nothing under “batch_7”"):
        OpenAIBatch(OpenAIModel()).fetch("batch_7")


@pytest.mark.parametrize("call", ["start", "fetch"])
def test_a_wrong_key_is_told(openai, settings, call):
    settings.OPENAI_API_KEY = "sk-wrong"
    batch = OpenAIBatch(OpenAIModel())

    with pytest.raises(ModelError) as raised:
        batch.start({"1": WORDS}) if call == "start" else batch.fetch("batch_1")

    assert raised.value.permanent
