"""Many replies at once and at half the price, answered within a day: for back-fills, with OpenAI's batches."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from openai import OpenAIError
from openai.types.chat import ChatCompletion
from pydantic import ValidationError

from outreach.language_model import ModelError, ModelReading
from outreach.openai_model import OpenAIModel, out_of_reach, read_completion

RUNNING = frozenset({"validating", "in_progress", "finalizing"})


class OpenAIBatch:
    """Every fault of one reply is that reply's own: the others are read all the same."""

    def __init__(self, model: OpenAIModel) -> None:
        self._model = model

    def start(self, replies: Mapping[str, str]) -> str:
        """The batch's id; `replies` are texts by an id of ours. Raises ModelError."""
        lines = (
            {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": self._model.question(text)}
            for key, text in replies.items()
        )
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        client = self._model.client()
        try:
            file = client.files.create(file=("replies.jsonl", content), purpose="batch")
            batch = client.batches.create(
                input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
            )
        except OpenAIError as error:
            raise out_of_reach(error) from error
        return batch.id

    def fetch(self, batch_id: str) -> dict[str, ModelReading | ModelError] | None:
        """The readings by our ids, or why one has none; None while the batch is being worked on. Raises ModelError."""
        client = self._model.client()
        try:
            batch = client.batches.retrieve(batch_id)
            if batch.status in RUNNING:
                return None
            files = [name for name in (batch.output_file_id, batch.error_file_id) if name]
            lines = [line for name in files for line in client.files.content(name).text.splitlines() if line.strip()]
        except OpenAIError as error:
            raise out_of_reach(error) from error
        return dict(self._row(line) for line in lines)

    def _row(self, line: str) -> tuple[str, ModelReading | ModelError]:
        row: dict[str, Any] = json.loads(line)
        response = row.get("response") or {}
        if response.get("status_code") != 200:
            return row["custom_id"], ModelError("the language model did not answer in the batch", permanent=False)
        try:
            return row["custom_id"], read_completion(ChatCompletion.model_validate(response["body"]), self._model.name)
        except ModelError as fault:
            return row["custom_id"], fault
        except ValidationError:
            return row["custom_id"], ModelError("the language model's answer is no completion", permanent=True)
