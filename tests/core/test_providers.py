from core.providers import ProviderError, UnknownOutcome


def test_an_error_carries_what_callers_decide_by():
    error = ProviderError("unreachable handset", permanent=True, code=30003, retry_after=2.5)
    assert (str(error), error.permanent, error.code, error.retry_after) == ("unreachable handset", True, 30003, 2.5)


def test_an_unknown_outcome_is_a_provider_error_but_never_permanent():
    error = UnknownOutcome("no answer within 10 s")
    assert isinstance(error, ProviderError)
    assert (error.permanent, error.code, error.retry_after) == (False, None, None)
