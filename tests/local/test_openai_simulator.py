"""The simulator as the official client sees it, over HTTP."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Literal

import jsonschema
import openai
import pytest
import requests
from openai import OpenAI
from openai.types import Batch, FileObject
from openai.types.chat import ChatCompletion
from openai.types.responses import Response
from pydantic import BaseModel

from local.engines import free_port
from local.openai_simulator import OpenAISimulator
from local.openai_simulator.classifier import read_reply
from local.personas import AMBIGUOUS, KINDS

LABELS = [
    "interested",
    "send_offer",
    "not_interested",
    "confused",
    "wrong_number",
    "deceased",
    "hostile",
    "opt_out",
]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "label": {"type": "string", "enum": LABELS},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "evidence": {"type": "string"},
        "opt_out": {"type": "boolean"},
        "asking_price": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "note": {"type": ["string", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["label", "confidence", "evidence", "opt_out", "asking_price", "note", "tags"],
    "additionalProperties": False,
}
INSTRUCTIONS = "Label the reply of a landowner."


class Verdict(BaseModel):
    label: Literal["interested", "send_offer", "not_interested", "opt_out"]
    confidence: float
    evidence: str


@pytest.fixture(scope="module")
def running() -> Iterator[OpenAISimulator]:
    with OpenAISimulator("sk-test", hang_seconds=5) as simulator:
        yield simulator


@pytest.fixture
def simulator(running: OpenAISimulator) -> OpenAISimulator:
    running.reset()
    return running


@pytest.fixture(scope="module")
def official(running: OpenAISimulator) -> Iterator[OpenAI]:
    with OpenAI(api_key="sk-test", base_url=running.base_url, max_retries=0, timeout=5) as client:
        yield client


@pytest.fixture
def client(simulator: OpenAISimulator, official: OpenAI) -> OpenAI:
    return official


def chat(client: OpenAI, reply: str, schema: dict[str, Any] = SCHEMA, **changes: Any) -> Any:
    return client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[
            {"role": "system", "content": INSTRUCTIONS},
            {"role": "user", "content": json.dumps({"reply": reply})},
        ],
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "reply_label", "strict": True, "schema": schema} | changes,
        },
    )


def respond(client: OpenAI, reply: str) -> Any:
    return client.responses.create(
        model="gpt-4o-mini",
        instructions=INSTRUCTIONS,
        input=[{"role": "user", "content": [{"type": "input_text", "text": json.dumps({"reply": reply})}]}],
        text={"format": {"type": "json_schema", "name": "reply_label", "strict": True, "schema": SCHEMA}},
    )


def answer(completion: Any) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(completion.choices[0].message.content)
    return fields


class TestAnswers:
    @pytest.mark.parametrize("reply", [*AMBIGUOUS, "STOP", "🏡", "", "x" * 1600])
    def test_they_fit_the_schema_and_quote_the_reply(self, client: OpenAI, reply: str) -> None:
        fields = answer(chat(client, reply))
        jsonschema.validate(fields, SCHEMA)
        assert fields["evidence"] in reply

    @pytest.mark.parametrize(
        ("reply", "label"),
        [
            ("Well what kind of money are we talking", "send_offer"),
            ("I can't stop by today, how much?", "send_offer"),
            ("You are looking for my late husband", "deceased"),
            ("please take me off whatever list this is", "opt_out"),
            ("Used to be ours, bank took it back", "wrong_number"),
            ("Lord willing we'll build on it some day", "not_interested"),
            ("not interested", "not_interested"),
            ("colorless green ideas", "confused"),
        ],
    )
    def test_labels(self, client: OpenAI, reply: str, label: str) -> None:
        fields = answer(chat(client, reply))
        assert (fields["label"], fields["opt_out"]) == (label, label == "opt_out")

    def test_a_price_is_read_and_a_reply_without_one_has_none(self, client: OpenAI) -> None:
        assert answer(chat(client, "I'd take 25k for it"))["asking_price"] == 25_000
        assert answer(chat(client, "I want $40,000"))["asking_price"] == 40_000
        assert answer(chat(client, "Interested"))["asking_price"] is None

    def test_what_it_cannot_read_it_is_not_sure_of(self, client: OpenAI) -> None:
        sure, unsure = answer(chat(client, "STOP")), answer(chat(client, "colorless green ideas"))
        assert sure["confidence"] > 0.9 > 0.5 > unsure["confidence"]

    def test_both_shapes_say_the_same_and_count_tokens(self, client: OpenAI) -> None:
        completion, response = chat(client, "Ballpark it for me"), respond(client, "Ballpark it for me")
        assert json.loads(response.output_text) == answer(completion)
        assert (completion.object, completion.model, completion.choices[0].finish_reason) == (
            "chat.completion",
            "gpt-4o-mini",
            "stop",
        )
        assert (response.object, response.status, response.error) == ("response", "completed", None)
        usage = completion.usage
        assert usage.prompt_tokens > 20 < usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
        assert response.usage.input_tokens + response.usage.output_tokens == response.usage.total_tokens
        assert response.usage.output_tokens == usage.completion_tokens

    def test_the_same_question_gets_the_same_answer(self, client: OpenAI) -> None:
        first, second = chat(client, "We own several"), chat(client, "We own several")
        assert first.choices == second.choices
        assert first.id != second.id

    def test_the_clients_own_parsing_works(self, client: OpenAI) -> None:
        messages: Any = [{"role": "user", "content": "Send me an offer"}]
        parsed = client.chat.completions.parse(model="m", messages=messages, response_format=Verdict)
        assert parsed.choices[0].message.parsed == Verdict(
            label="send_offer", confidence=0.87, evidence="Send me an offer"
        )
        response = client.responses.parse(model="m", input="STOP", text_format=Verdict)
        assert response.output_parsed == Verdict(label="opt_out", confidence=0.97, evidence="STOP")

    def test_a_label_the_schema_does_not_offer_becomes_its_closest(self, client: OpenAI) -> None:
        schema = SCHEMA | {"properties": SCHEMA["properties"] | {"label": {"enum": ["interested", "not_interested"]}}}
        assert answer(chat(client, "STOP", schema))["label"] == "not_interested"
        assert answer(chat(client, "how much?", schema))["label"] == "interested"

    def test_plain_text_and_plain_json_are_answered_too(self, client: OpenAI) -> None:
        messages: Any = [{"role": "user", "content": "How much? Answer in json"}]
        text = client.chat.completions.create(model="m", messages=messages)
        assert text.choices[0].message.content == "send_offer"
        any_json = client.chat.completions.create(model="m", messages=messages, response_format={"type": "json_object"})
        assert answer(any_json)["label"] == "send_offer"

    def test_it_reads_every_persona_as_meant(self) -> None:
        meant = {"stop": "opt_out"}
        wrong = {
            text: reading.label
            for kind in KINDS
            for text in kind.first
            if (reading := read_reply(text)).label != AMBIGUOUS.get(text, meant.get(kind.name, kind.name))
        }
        assert wrong == {}


class TestRefusals:
    def test_a_wrong_key_gets_401(self, simulator: OpenAISimulator) -> None:
        stranger = OpenAI(api_key="sk-guessed", base_url=simulator.base_url, max_retries=0)
        with stranger, pytest.raises(openai.AuthenticationError) as caught:
            chat(stranger, "STOP")
        assert caught.value.code == "invalid_api_key"
        assert simulator.log() == []

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"additionalProperties": True}, "'additionalProperties' is required"),
            ({"required": ["label"]}, "Missing 'asking_price'"),
            ({"type": "array"}, 'must have type "object"'),
            ({"properties": {"label": {"oneOf": []}}, "required": ["label"]}, "'oneOf' is not permitted"),
        ],
    )
    def test_a_schema_that_strict_mode_forbids_gets_400(
        self, client: OpenAI, simulator: OpenAISimulator, change: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(openai.BadRequestError, match=words) as caught:
            chat(client, "STOP", SCHEMA | change)
        assert (caught.value.type, caught.value.param) == ("invalid_request_error", "response_format")
        assert simulator.log() == []

    def test_a_loose_schema_is_taken_when_it_is_not_strict(self, client: OpenAI) -> None:
        loose = {"type": "object", "properties": {"label": {"enum": LABELS}}}
        assert answer(chat(client, "STOP", loose, strict=False)) == {"label": "opt_out"}

    @pytest.mark.parametrize("body", [{}, {"model": "m"}, {"model": "m", "messages": []}, {"messages": [{}]}])
    def test_an_incomplete_request_gets_400(self, simulator: OpenAISimulator, body: dict[str, Any]) -> None:
        url = f"{simulator.base_url}/chat/completions"
        got = requests.post(url, json=body, headers={"Authorization": "Bearer sk-test"}, timeout=5)
        assert (got.status_code, got.json()["error"]["type"]) == (400, "invalid_request_error")

    @pytest.mark.parametrize("form", ["json", {"schema": {}}, ["json_schema"]])
    def test_a_form_that_is_none_gets_400(self, client: OpenAI, form: Any) -> None:
        request: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "STOP"}]}
        request["response_format"] = form
        with pytest.raises(openai.BadRequestError, match="Invalid type for 'response_format'"):
            client.chat.completions.create(**request)

    def test_what_it_cannot_deal_with_is_a_failure_and_no_silence(
        self, client: OpenAI, caplog: pytest.LogCaptureFixture
    ) -> None:
        nowhere = {"type": "object", "properties": {"label": {"$ref": "#/nowhere"}}}
        with pytest.raises(openai.InternalServerError, match="500"):
            chat(client, "STOP", nowhere, strict=False)
        assert "KeyError: 'nowhere'" in caplog.text

    def test_an_unknown_path_gets_404(self, client: OpenAI) -> None:
        with pytest.raises(openai.NotFoundError):
            client.models.list()


class TestFaults:
    def test_statuses(self, client: OpenAI, simulator: OpenAISimulator) -> None:
        simulator.provoke("429", "500", "401")
        for error in (openai.RateLimitError, openai.InternalServerError, openai.AuthenticationError):
            with pytest.raises(error) as caught:
                chat(client, "how much")
            assert caught.value.response.headers["x-request-id"]
        assert answer(chat(client, "how much"))["label"] == "send_offer"
        assert [(entry["fault"], entry["status"]) for entry in simulator.log()] == [
            ("429", 429),
            ("500", 500),
            ("401", 401),
            (None, 200),
        ]

    def test_timeout(self, client: OpenAI, simulator: OpenAISimulator) -> None:
        with pytest.raises(openai.APITimeoutError):
            chat(client.with_options(timeout=0.2), "simulate timeout")
        assert [(entry["fault"], entry["status"]) for entry in simulator.log()] == [("timeout", None)]

    def test_truncated(self, client: OpenAI, simulator: OpenAISimulator) -> None:
        simulator.provoke("truncated", "truncated")
        choice = chat(client, "how much").choices[0]
        assert choice.finish_reason == "length"
        with pytest.raises(json.JSONDecodeError):
            json.loads(choice.message.content)
        response = respond(client, "how much")
        assert (response.status, response.incomplete_details.reason) == ("incomplete", "max_output_tokens")

    def test_wrong_schema(self, client: OpenAI) -> None:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(answer(chat(client, "simulate wrong_schema")), SCHEMA)

    def test_refusal(self, client: OpenAI, simulator: OpenAISimulator) -> None:
        simulator.provoke("refusal", "refusal")
        message = chat(client, "how much").choices[0].message
        assert message.content is None
        assert message.refusal
        part = respond(client, "how much").output[0].content[0]
        assert (part.type, part.refusal) == ("refusal", message.refusal)

    def test_over_http(self, client: OpenAI, simulator: OpenAISimulator) -> None:
        root = simulator.base_url.removesuffix("/v1")
        assert requests.post(f"{root}/simulator/faults", json={"next": ["500"]}, timeout=5).status_code == 200
        with pytest.raises(openai.InternalServerError):
            chat(client, "how much")
        (entry,) = requests.get(f"{root}/simulator/log", timeout=5).json()["requests"]
        assert (entry["path"], entry["reply"], entry["status"]) == ("/v1/chat/completions", "how much", 500)
        assert requests.post(f"{root}/simulator/reset", timeout=5).status_code == 200
        assert simulator.log() == []

    @pytest.mark.parametrize("faults", [["418"], 5, "429"])
    def test_an_unknown_fault_is_refused(self, client: OpenAI, simulator: OpenAISimulator, faults: Any) -> None:
        root = simulator.base_url.removesuffix("/v1")
        assert requests.post(f"{root}/simulator/faults", json={"next": faults}, timeout=5).status_code == 400
        assert answer(chat(client, "how much"))["label"] == "send_offer"


CHAT = {"method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": []}}
ONE = json.dumps(CHAT | {"custom_id": "1"})


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("", "empty_file", None),
        ("nonsense", "invalid_json_line", 1),
        (f"{ONE}\n[]", "invalid_json_line", 2),
        (f"{ONE}\n{{}}", "missing_required_parameter", 2),
        (f"{ONE}\n{ONE}", "duplicate_custom_id", 2),
        (ONE.replace("chat/completions", "nowhere"), "invalid_request", 1),
    ],
)
def test_a_file_that_is_no_batch_is_refused_as_a_whole(
    client: OpenAI, content: str, code: str, line: int | None
) -> None:
    file = client.files.create(file=("requests.jsonl", content.encode()), purpose="batch")
    name = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h").id
    batch = client.batches.retrieve(name)
    assert batch.status == client.batches.retrieve(name).status == "failed"
    assert batch.errors is not None
    assert [(error.code, error.line) for error in batch.errors.data or []] == [(code, line)]


BATCH: dict[str, Any] = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}


def batch_of(client: OpenAI, *replies: str) -> str:
    """Its id; it is in progress."""
    lines = (
        CHAT | {"custom_id": str(n), "body": {"model": "m", "messages": [{"role": "user", "content": reply}]}}
        for n, reply in enumerate(replies)
    )
    content = "\n".join(map(json.dumps, lines)).encode()
    file = client.files.create(file=("requests.jsonl", content), purpose="batch")
    name: str = client.batches.create(input_file_id=file.id, **BATCH).id
    assert client.batches.retrieve(name).status == "in_progress"
    return name


def test_a_batch_has_its_times_and_its_files_as_they_are_published(client: OpenAI) -> None:
    batch = client.batches.retrieve(batch_of(client, "how much", "simulate 429"))

    Batch.model_validate(batch.to_dict())
    assert (batch.status, batch.completed_at is not None, batch.expired_at) == ("completed", True, None)
    assert batch.request_counts
    assert (batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed) == (2, 1, 1)
    for name in (batch.input_file_id, batch.output_file_id, batch.error_file_id):
        file = client.files.retrieve(name or "")
        FileObject.model_validate(file.to_dict())
        assert file.bytes == len(client.files.content(file.id).content)


def test_a_batch_with_a_request_that_nobody_answered_has_expired(client: OpenAI) -> None:
    batch = client.batches.retrieve(batch_of(client, "how much", "simulate timeout"))
    assert (batch.status, batch.completed_at, batch.expired_at is not None) == ("expired", None, True)
    assert batch.output_file_id
    assert batch.error_file_id


def test_a_batch_that_is_cancelled_is_so_by_and_by_and_keeps_what_was_answered(client: OpenAI) -> None:
    name = batch_of(client, *["how much"] * 4)
    assert client.batches.cancel(name).status == client.batches.retrieve(name).status == "cancelling"
    batch = client.batches.retrieve(name)
    assert (batch.status, batch.error_file_id) == ("cancelled", None)
    rows = client.files.content(batch.output_file_id or "").text.splitlines()
    assert [json.loads(row)["custom_id"] for row in rows] == ["0", "1"]


def test_answers_hold_to_the_published_types(client: OpenAI) -> None:
    """Which the client itself does not check."""
    ChatCompletion.model_validate(chat(client, "how much").to_dict())
    Response.model_validate(respond(client, "how much").to_dict())


def test_as_a_process_it_says_where_it_is_and_ends_when_asked() -> None:
    port = free_port()
    command = [sys.executable, "-m", "local.openai_simulator", "--port", str(port), "--api-key", "sk-test"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"OpenAI simulator on http://127.0.0.1:{port}/v1\n"
        with OpenAI(api_key="sk-test", base_url=f"http://127.0.0.1:{port}/v1", max_retries=0) as client:
            assert answer(chat(client, "STOP"))["label"] == "opt_out"
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
