"""The weights in the repository are what the labelled replies teach."""

import pytest

from local.learn_replies import LABELS, OPT_OUTS, as_lines, fit

SAID = [(1.0, "lose my number"), (0.0, "what is your number"), (1.0, "lose my address"), (0.0, "what a price")]


@pytest.mark.parametrize("lesson", [OPT_OUTS, LABELS])
def test_the_weights_are_those_of_the_phrases(lesson):
    """Else: python -m local.learn_replies."""
    assert lesson.weights.read_text("utf-8").splitlines()[0] == f"# {lesson.digest()}"


def test_learning_is_exact():
    assert as_lines(["asked"], [fit(SAID)]) == as_lines(["asked"], [fit(SAID)])


def test_weights_follow_the_examples():
    weights = fit(SAID)

    assert weights["lose my"] > 0 > weights["what"]
    assert weights["lose"] > weights["number"] > weights["what"]


def test_pairs_and_triples_that_stand_in_one_reply_only_are_not_learnt():
    weights = fit(SAID)

    assert "^ lose my" in weights
    assert "my address" not in weights
    assert "address" in weights
