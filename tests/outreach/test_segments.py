import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.segments import GSM_BASIC, GSM_EXTENSION, measure, plain

GSM_TEXT = st.text(alphabet=sorted(GSM_BASIC | GSM_EXTENSION), max_size=700)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 0),
        ("a", "GSM-7", 1, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("é" * 160, "GSM-7", 160, 1),
        ("’" * 70, "UCS-2", 70, 1),
        ("’" * 71, "UCS-2", 71, 2),
        ("’" * 134, "UCS-2", 134, 2),
        ("’" * 135, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 36, "UCS-2", 72, 2),
    ],
)
def test_it_counts_units_and_segments(text: str, encoding: str, units: int, count: int) -> None:
    found = measure(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


def test_an_escape_pair_is_never_split() -> None:
    assert measure("a" * 152 + "€" + "a" * 152).count == 3
    assert measure("a" * 153 + "€" + "a" * 151).count == 2


def test_a_surrogate_pair_is_never_split() -> None:
    assert measure("а" * 66 + "😀" + "а" * 66).count == 3
    assert measure("а" * 67 + "😀" + "а" * 65).count == 2


def test_offending_characters_are_named_once_in_order() -> None:
    assert measure("“Hi” – it’s “us”").offending == ("“", "”", "–", "’")


def test_the_plain_text_of_smart_quotes_saves_a_segment() -> None:
    text = "Hi Ann, it’s Jo – still thinking about your land…" + "x" * 60
    assert measure(text).count == 2
    assert plain(text) == "Hi Ann, it's Jo - still thinking about your land..." + "x" * 60
    assert measure(plain(text)).count == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u00a0b", "a b"),
        ("a\u200bb", "ab"),
        ("crème brûlée", "crème brulée"),
        ("½ acre", "1/2 acre"),
        ("😀", "😀"),
        ("São", "Sao"),
    ],
)
def test_plain_replacements(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(GSM_TEXT)
def test_gsm_text_is_left_as_it_is(text: str) -> None:
    assert plain(text) == text
    assert measure(text).encoding == "GSM-7"


@given(st.text(max_size=400))
def test_segments_hold_all_units_and_waste_at_most_one_each(text: str) -> None:
    found = measure(text)
    single, part = (160, 153) if found.encoding == "GSM-7" else (70, 67)
    if found.units <= single:
        assert found.count == (1 if text else 0)
    else:
        assert found.count * (part - 1) - (part - 1) < found.units <= found.count * part


@given(st.text(max_size=200))
def test_plain_is_stable_and_never_brings_new_offenders(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert set(measure(once).offending) <= set(measure(text).offending)
