"""Errors of the services outside (texts, language model, alerts), in our own small vocabulary."""

from __future__ import annotations


class ProviderError(Exception):
    """The provider refused or failed. `permanent` is what callers decide by: trying the same again will not help.

    `code` is the provider's own; `retry_after` is in seconds, as the provider asked.
    """

    def __init__(
        self, message: str, *, permanent: bool, code: int | str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.code = code
        self.retry_after = retry_after


class UnknownOutcome(ProviderError):  # noqa: N818  it is not known to be an error
    """The call ended without an answer, so the provider may have accepted it: look the outcome up, never resend."""

    def __init__(self, message: str, *, code: int | str | None = None) -> None:
        super().__init__(message, permanent=False, code=code)
