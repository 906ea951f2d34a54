import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.segments import GSM_BASIC, GSM_EXTENSION, measure, offenders, plain

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
        ("2½ acres", "2 1/2 acres"),
        ("⅓ of it", "1/3 of it"),
        ("10² ft²", "10^2 ft2"),
        ("a ≠ b", "a ≠ b"),
        ("ﬁeld → house", "field -> house"),
        ("cafe\u0301 A\u0301 Ж\u0301 e\u0301\u0302", "café A Ж e"),
        ("2\u200b½", "2 1/2"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f 🏳\ufe0f\u200d🌈", "👨\u200d👩\u200d👧 ❤\ufe0f 🏳\ufe0f\u200d🌈"),
        ("©\ufe0f ok\ufe0f 1\ufe0f\u20e3 \u200d.", "(C) ok 1 ."),
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


def in_greedy_parts(units: list[bytes], single: int, part: int) -> int:
    """The rule once more, on the bytes themselves: whole characters, as many in each part as fit."""
    if sum(map(len, units)) <= single:
        return 1 if units else 0
    parts: list[bytes] = [b""]
    for unit in units:
        if len(parts[-1]) + len(unit) > part:
            parts.append(b"")
        parts[-1] += unit
    return len(parts)


@given(GSM_TEXT)
def test_gsm_text_is_billed_by_septets_with_whole_escape_pairs(text: str) -> None:
    septets = [b"\x1bx" if char in "\f^{}\\[~]|€" else b"x" for char in text]
    found = measure(text)
    assert (found.units, found.count) == (sum(map(len, septets)), in_greedy_parts(septets, 160, 153))


@given(st.text(max_size=300), st.integers(0, 150), st.sampled_from("’🌾Ж"))
def test_other_text_is_billed_by_utf16_units_with_whole_surrogate_pairs(text: str, filler: int, forcing: str) -> None:
    text = "a" * filler + text + forcing
    found = measure(text)
    units = [char.encode("utf-16-be", "surrogatepass") for char in text]
    assert found.encoding == "UCS-2"
    assert found.units == sum(map(len, units)) // 2
    assert found.count == in_greedy_parts(units, 2 * 70, 2 * 67)


@given(st.text(max_size=200))
def test_offenders_stand_where_they_are_said_to_stand(text: str) -> None:
    found = offenders(text)
    assert tuple(offender.character for offender in found) == measure(text).offending
    for offender in found:
        assert [place for place, char in enumerate(text, 1) if char == offender.character] == [*offender.positions]
        assert ord(offender.character) == int(offender.code[2:], 16)
        assert offender.plain is None or measure(offender.plain).offending == ()


def test_the_alphabet_is_that_of_the_standard() -> None:
    """GSM 03.38: 128 places less the escape, and ten characters behind it."""
    assert (len(GSM_BASIC), len(GSM_EXTENSION)) == (127, 10)


def test_what_holds_an_emoji_together_cannot_be_left_out() -> None:
    assert [offender.plain for offender in offenders("👨\u200d👩")] == [None, None, None]
    assert [offender.plain for offender in offenders("a\u200db")] == [""]
