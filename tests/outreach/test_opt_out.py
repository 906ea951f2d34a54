import time
from collections import Counter
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.opt_out import OptOutDecision, decide_opt_out

PHRASES = [line.split("\t") for line in (Path(__file__).parent / "phrases_opt_out.tsv").read_text("utf-8").splitlines()]
PER_SE = ["stop", "stopall", "quit", "end", "revoke", "opt out", "optout", "cancel", "unsubscribe"]


def answer(found: OptOutDecision) -> str:
    return "opt_out" if found.opt_out else "doubtful" if found.doubtful else "no"


def phrases(label: str) -> list[str]:
    return [text for found, text in PHRASES if found == label]


def test_the_phrase_file_is_big_enough_to_mean_something() -> None:
    counts = Counter(label for label, _ in PHRASES)
    assert counts["opt_out"] >= 200
    assert counts["no"] >= 150
    assert counts["doubtful"] >= 15


def test_it_catches_nearly_all_opt_outs() -> None:
    answers = Counter(answer(decide_opt_out(text)) for text in phrases("opt_out"))
    assert answers["opt_out"] / answers.total() >= 0.98
    assert answers["no"] / answers.total() <= 0.01


def test_it_opts_out_at_most_2_percent_of_the_others() -> None:
    others = phrases("no") + phrases("doubtful")
    wrong = [text for text in others if decide_opt_out(text).opt_out]
    assert len(wrong) / len(others) <= 0.01, wrong


def test_few_ordinary_replies_are_put_before_a_person() -> None:
    wrong = [text for text in phrases("no") if decide_opt_out(text).doubtful]
    assert len(wrong) / len(phrases("no")) <= 0.02, wrong


@pytest.mark.parametrize("text", phrases("doubtful"))
def test_unclear_wordings_go_to_a_person(text: str) -> None:
    assert answer(decide_opt_out(text)) == "doubtful"


@pytest.mark.parametrize("word", PER_SE)
@pytest.mark.parametrize(
    "form", ["{}", "{}.", " {} ", "{}!!!", "please {}", "{} please", "Ok {} thanks", "No. {}.", '"{}"']
)
def test_every_per_se_word_counts_in_any_case(word: str, form: str) -> None:
    for cased in (word, word.upper(), word.title()):
        assert decide_opt_out(form.format(cased)).opt_out, form.format(cased)


@pytest.mark.parametrize(
    "text",
    [
        "I can stop by at 5",
        "end of the month works",
        "can't stop paying taxes on it",
        "don't stop now",
        "I can't stop by today, how much?",
        "Please send me an offer",
        "YES",
        "",
        "   ",
        "👍",
    ],
)
def test_these_are_no_opt_outs(text: str) -> None:
    assert decide_opt_out(text) == OptOutDecision()


@pytest.mark.parametrize("text", ["START", "start", " Start. ", "UNSTOP", "unstop!"])
def test_start_lifts(text: str) -> None:
    found = decide_opt_out(text)
    assert (found.start, found.opt_out, found.doubtful) == (True, False, False)


@pytest.mark.parametrize("text", ["YES", "Yes please", "start texting my brother", "let's start", "ok", "start stop"])
def test_nothing_else_lifts(text: str) -> None:
    assert not decide_opt_out(text).start


@pytest.mark.parametrize(("label", "text"), PHRASES)
def test_the_evidence_stands_in_the_text(label: str, text: str) -> None:
    found = decide_opt_out(text)
    assert found.evidence in text
    assert bool(found.evidence) == bool(found.rule) == (found.opt_out or found.doubtful or found.start)


@given(
    st.sampled_from([w.upper() for w in PER_SE]),
    st.text(alphabet=" .!\n\t?,;", max_size=5),
    st.text(alphabet=" .!\n\t?", max_size=5),
)
def test_padding_changes_nothing(word: str, before: str, after: str) -> None:
    assert decide_opt_out(before + word + after).opt_out


@given(st.text(max_size=300))
def test_any_text_gets_one_answer_with_literal_evidence(text: str) -> None:
    found = decide_opt_out(text)
    assert found.opt_out + found.doubtful + found.start <= 1
    assert found.evidence in text
    assert found == decide_opt_out(text)


def test_a_reply_takes_less_than_a_millisecond() -> None:
    took = []
    for _, text in PHRASES:
        began = time.perf_counter()
        decide_opt_out(text)
        took.append(time.perf_counter() - began)
    assert median(took) < 0.001


def test_the_longest_text_takes_no_time_to_speak_of() -> None:
    for piece in ("no ", "don't ", "stop by ", "do not want to ", "s t o ", "a"):
        began = time.perf_counter()
        decide_opt_out((piece * 1600)[:1600])
        assert time.perf_counter() - began < 0.5
