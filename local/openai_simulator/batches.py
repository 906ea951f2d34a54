"""Files and batches: a file of requests is uploaded, worked off when somebody looks, and its answers are a file."""

from __future__ import annotations

import email
import email.policy
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from local.http import BadRequestError, Request, Response, json_response
from local.openai_simulator.requests import InvalidRequestError

Work = Callable[[str, dict[str, Any]], tuple[int, Any] | None]
"""Path and body of one request -> HTTP status and answer; None when nobody answered."""
DAY = 86_400
TIMES = (
    "in_progress_at", "finalizing_at", "completed_at", "failed_at", "expired_at", "cancelling_at", "cancelled_at",
)  # fmt: skip


class Batches:
    """In memory. At the first look a batch is in progress, or failed where its file holds no requests, at the second it
    is completed, or expired where a request has no answer: a caller has to look. One that was cancelled is being
    cancelled at the next look, and then has the first half of its answers, if it was in progress."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._files: dict[str, dict[str, Any]] = {}
        self._contents: dict[str, bytes] = {}
        self._batches: dict[str, dict[str, Any]] = {}
        self._being_cancelled: set[str] = set()

    def answer(self, request: Request) -> Response | None:
        """None when the path is none of ours. Raises InvalidRequestError."""
        parts = request.path.removeprefix("/v1/").split("/")
        with self._lock:
            match request.method, *parts:
                case "POST", "files":
                    return json_response(self._upload(request))
                case "GET", "files", name if name in self._files:
                    return json_response(self._files[name])
                case "GET", "files", name, "content" if name in self._contents:
                    return Response(body=self._contents[name], content_type="application/octet-stream")
                case "POST", "batches":
                    return json_response(self._create(request.json()))
                case "GET", "batches", name if name in self._batches:
                    return json_response(self._look(self._batches[name]))
                case "POST", "batches", name, "cancel" if name in self._batches:
                    return json_response(self._cancel(self._batches[name]))
        return None

    def _upload(self, request: Request) -> dict[str, Any]:
        fields = _multipart(request)
        if fields.get("purpose") != b"batch":
            raise InvalidRequestError("'purpose' must be 'batch' here", "purpose")
        return self._keep(fields.get("file", b""), "batch")

    def _keep(self, content: bytes, purpose: str) -> dict[str, Any]:
        name = f"file-{len(self._files) + 1:08d}"
        self._contents[name] = content
        self._files[name] = {
            "id": name, "object": "file", "bytes": len(content), "created_at": int(time.time()),
            "filename": f"{purpose}.jsonl", "purpose": purpose, "status": "processed",
        }  # fmt: skip
        return self._files[name]

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        source, endpoint = body.get("input_file_id"), body.get("endpoint")
        if source not in self._contents:
            raise InvalidRequestError(f"No such File object: {source}", "input_file_id")
        if endpoint not in {"/v1/chat/completions", "/v1/responses"} or body.get("completion_window") != "24h":
            raise InvalidRequestError("Invalid endpoint or completion_window.", "endpoint")
        name, now = f"batch_{len(self._batches) + 1:08d}", int(time.time())
        self._batches[name] = {
            "id": name, "object": "batch", "endpoint": endpoint, "errors": None, "input_file_id": source,
            "completion_window": "24h", "status": "validating", "output_file_id": None, "error_file_id": None,
            "created_at": now, "expires_at": now + DAY, "metadata": body.get("metadata"),
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        } | dict.fromkeys(TIMES)  # fmt: skip
        return self._batches[name]

    def _look(self, batch: dict[str, Any]) -> dict[str, Any]:
        if batch["status"] == "validating":
            self._validate(batch)
        elif batch["status"] == "in_progress":
            self._answer_all(batch)
        elif batch["id"] in self._being_cancelled:
            self._being_cancelled.remove(batch["id"])
        elif batch["status"] == "cancelling":
            self._answer_half(batch)
        return batch

    def _cancel(self, batch: dict[str, Any]) -> dict[str, Any]:
        if batch["status"] in {"validating", "in_progress"}:
            _become(batch, "cancelling")
            self._being_cancelled.add(batch["id"])
        return batch

    def _validate(self, batch: dict[str, Any]) -> None:
        problems = list(_problems(self._contents[batch["input_file_id"]], batch["endpoint"]))
        _become(batch, "failed" if problems else "in_progress")
        batch["errors"] = {"object": "list", "data": problems} if problems else None

    def _answer_all(self, batch: dict[str, Any]) -> None:
        asked = self._asked(batch)
        is_late = self._answer_these(batch, asked)
        _become(batch, "expired" if is_late else "completed")

    def _answer_half(self, batch: dict[str, Any]) -> None:
        asked = self._asked(batch) if batch["in_progress_at"] else []
        self._answer_these(batch, asked[: len(asked) // 2])
        _become(batch, "cancelled")

    def _asked(self, batch: dict[str, Any]) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._contents[batch["input_file_id"]].splitlines()]

    def _answer_these(self, batch: dict[str, Any], asked: list[dict[str, Any]]) -> bool:
        """Whether one of them had no answer in time."""
        done: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for entry in asked:
            worked = self._work(entry["url"], entry["body"])
            row = {"id": f"batch_req_{entry['custom_id']}", "custom_id": entry["custom_id"], "error": None}
            if worked is None:
                failed.append(row | {"response": None, "error": {"code": "batch_expired", "message": "no answer"}})
                continue
            status, body = worked
            row["response"] = {"status_code": status, "request_id": f"req_{entry['custom_id']}", "body": body}
            (done if status == 200 else failed).append(row)
        batch["output_file_id"] = self._keep(_lines(done), "batch_output")["id"] if done else None
        batch["error_file_id"] = self._keep(_lines(failed), "batch_output")["id"] if failed else None
        counts = {"total": len(self._asked(batch)), "completed": len(done), "failed": len(failed)}
        batch["request_counts"] = counts
        return any(row["response"] is None for row in failed)


def _become(batch: dict[str, Any], status: str) -> None:
    batch["status"], batch[f"{status}_at"] = status, int(time.time())


def _problems(content: bytes, endpoint: str) -> Iterator[dict[str, Any]]:
    """Why a file is no batch: it is refused as a whole, a line with another fault has an answer that says so."""
    seen: set[str] = set()
    for number, line in enumerate(content.splitlines(), start=1):
        if code := _problem_of(line, endpoint, seen):
            yield {"code": code, "message": f"Line {number} is no request.", "param": None, "line": number}
    if not content.strip():
        yield {"code": "empty_file", "message": "The file has no requests.", "param": None, "line": None}


def _problem_of(line: bytes, endpoint: str, seen: set[str]) -> str:
    try:
        entry = json.loads(line)
        name, url, body = str(entry["custom_id"]), entry["url"], entry["body"]
    except (ValueError, TypeError):
        return "invalid_json_line"
    except KeyError:
        return "missing_required_parameter"
    if name in seen:
        return "duplicate_custom_id"
    seen.add(name)
    return "" if url == endpoint and isinstance(body, dict) else "invalid_request"


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _multipart(request: Request) -> dict[str, bytes]:
    head = f"Content-Type: {request.headers.get('Content-Type', '')}\r\n\r\n".encode()
    form = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    if not form.is_multipart():
        raise BadRequestError("the body is no multipart form")
    return {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True) or b""  # type: ignore[misc]
        for part in form.walk()
        if not part.is_multipart()
    }
