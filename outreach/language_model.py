"""What a language model may be asked: the meaning of one reply. It may add an opt-out, never take one away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.conf import settings

from core.providers import ProviderError


class ModelError(ProviderError):
    """The model gave no usable answer. When it is permanent a person has to read the reply.

    `tokens`, of which `tokens_out` were written, are those of an answer without use: it is paid for all the same.
    """

    def __init__(
        self, message: str, *, permanent: bool, code: int | None = None, tokens: int = 0, tokens_out: int = 0
    ) -> None:
        super().__init__(message, permanent=permanent, code=code)
        self.tokens, self.tokens_out = tokens, tokens_out


class ModelRefusesUsError(ModelError):
    """Our key, our account or the name of the model: no reply can be read until somebody puts that right."""

    def __init__(self, code: int) -> None:
        super().__init__("the language model refuses our calls", permanent=True, code=code)


@dataclass(frozen=True)
class ModelReading:
    """`label` is one of ReplyLabel.Label or "undecided", or "" when a request about several replies brought nothing
    that is surely about this one; `confidence` is from 0 to 1; nothing here is checked yet against the reply."""

    label: str
    confidence: float
    evidence: str
    model: str
    tokens: int
    latency_ms: int
    tokens_out: int = 0
    cost: Decimal = Decimal(0)


class LanguageModel(Protocol):
    def read_reply(self, text: str) -> ModelReading:
        """Raises ModelError."""


class GroupModel(LanguageModel, Protocol):
    """One that reads several replies in one request."""

    def read_replies(self, texts: Mapping[int, str]) -> dict[int, ModelReading]:
        """A reading for each of the texts, by the keys they are given under. Each has its share of the tokens and the
        cost, and took as long as all of them. Raises ModelError when none could be asked about."""


def configured_model(name: str = "", prompt: str = "") -> GroupModel | None:
    """The model of that name, else the one in the settings; None without a key, and replies the rules cannot decide go
    to a person."""
    from outreach.openai_model import OpenAIModel

    return OpenAIModel(name, prompt) if settings.OPENAI_API_KEY else None
