from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.label_rules import label_by_rules

PHRASES = [line.split("\t") for line in (Path(__file__).parent / "phrases_labels.tsv").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("label", "text"), PHRASES)
def test_obvious_replies_get_their_label_and_others_none(label: str, text: str) -> None:
    assert (label_by_rules(text).label or "none") == label


@pytest.mark.parametrize(("label", "text"), PHRASES)
def test_the_evidence_stands_in_the_text(label: str, text: str) -> None:
    found = label_by_rules(text)
    assert found.evidence in text
    assert bool(found.evidence) == bool(found.rule) == (found.label is not None) == (found.confidence > 0)


def test_a_refusal_with_a_condition_is_left_undecided() -> None:
    assert label_by_rules("not interested").label == "not_interested"
    assert label_by_rules("not interested unless the price is right").label is None


@given(st.text(max_size=300))
def test_any_text_gets_an_answer_with_literal_evidence(text: str) -> None:
    assert label_by_rules(text).evidence in text
