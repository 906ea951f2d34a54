"""Many replies read by OpenAI in one batch."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from openai import NotFoundError, OpenAIError
from openai.types import Batch
from pydantic import BaseModel, ValidationError

from outreach.language_model import ModelError, ModelReading
from outreach.openai_answers import hear, read_one
from outreach.openai_model import OpenAIModel, out_of_reach

logger = logging.getLogger(__name__)
ENDED = frozenset({"completed", "expired", "cancelled"})
"""With the answers there are: one that is being cancelled may still get some."""


class BatchRefusedError(ModelError):
    """As a whole: none of its questions will be answered."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(f"the language model refused the batch: {_why_refused(batch)}", permanent=True)


class _Answered(BaseModel):
    status_code: int | None = None
    body: Any = None


class _Row(BaseModel):
    """What is taken from a line of a batch's answers."""

    custom_id: str
    response: _Answered | None = None


class OpenAIBatch:
    """Many replies at once and at half the price, answered within a day: for back-fills.

    Every fault of one reply is that reply's own: the others are read all the same.
    """

    def __init__(self, model: OpenAIModel) -> None:
        self._model = model

    def start(self, replies: Mapping[str, str]) -> str:
        """The batch's id; `replies` are texts by an id of ours. Raises ModelError."""
        lines = (
            {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": self._model.question(text)}
            for key, text in replies.items()
        )
        content = "".join(json.dumps(line) + "\n" for line in lines).encode()
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
            if batch.status == "failed":
                raise BatchRefusedError(batch)
            if batch.status not in ENDED:
                return None
            files = [name for name in (batch.error_file_id, batch.output_file_id) if name]
            lines = [line for name in files for line in client.files.content(name).content.split(b"\n")]
        except NotFoundError as error:
            raise ModelError(f"the language model has nothing under “{batch_id}”", permanent=True) from error
        except OpenAIError as error:
            raise out_of_reach(error) from error
        return dict(found for line in lines if line.strip() and (found := self._row(line)))

    def _row(self, line: bytes) -> tuple[str, ModelReading | ModelError] | None:
        """None for a line that tells of no reply: whose it was has no answer."""
        try:
            row = _Row.model_validate_json(line)
        except ValidationError:
            logger.warning("a line of a batch's answers cannot be read")
            return None
        status = row.response.status_code if row.response else None
        if row.response is None or status != 200:
            refused = status in {400, 422}
            return row.custom_id, ModelError("the language model did not answer in the batch", permanent=refused)
        try:
            return row.custom_id, read_one(hear(row.response.body), self._model.name)
        except ModelError as fault:
            return row.custom_id, fault


def _why_refused(batch: Batch) -> str:
    told = batch.errors.data if batch.errors else None
    return next((error.message for error in told or [] if error.message), "it does not say why")
