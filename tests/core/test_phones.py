import re

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.phones import mask, read_phones, split_phones, to_e164


@pytest.mark.parametrize(
    "raw",
    [
        "2253441234",
        "12253441234",
        "+12253441234",
        "+1 225 344 1234",
        "(225) 344-1234",
        "(225)344-1234",
        "225.344.1234",
        "225/344-1234",
        "1-225-344-1234",
        " 225-344-1234 ",
        "2253441234.0",
        "225-344-1234 x12",
        "225-344-1234 ext. 12",
    ],
)
def test_it_reads_a_number_however_people_write_it(raw):
    assert to_e164(raw) == "+12253441234"


@pytest.mark.parametrize(
    "raw", ["", "nan", "344-1234", "225-144-1234", "123-456-7890", "555-555-5555", "22534412345", "2.25344E+09", "abc"]
)
def test_it_refuses_what_the_numbering_plan_has_not(raw):
    assert to_e164(raw) is None


def test_it_reads_other_countries_by_their_own_plan():
    assert to_e164("+44 20 7946 0958") == "+442079460958"
    assert to_e164("020 7946 0958", region="GB") == "+442079460958"
    assert to_e164("2253441234", region="GB") is None
    assert to_e164("1-800-FLOWERS") == "+18003569377"


def by_library(digits):
    try:
        number = phonenumbers.parse(digits, "US")
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, 0) if phonenumbers.is_valid_number(number) else None


@settings(max_examples=500, deadline=None)
@given(st.from_regex(r"1?[0-9]{3}[0-9]{7}", fullmatch=True))
@example("2424220000")
@example("8769990000")
@example("9836551234")
@example("5005550006")
def test_rules_and_library_agree(digits):
    assert to_e164(digits) == by_library(digits)


def test_rules_and_library_agree_on_every_area_code():
    wrong = [
        n
        for n in (f"{area}{line}" for area in range(1000) for line in ("2340001",))
        if len(n) == 10 and to_e164(n) != by_library(n)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("225-344-1234; 225-344-9999", ["+12253441234", "+12253449999"]),
        ("225-344-1234, 225-344-9999", ["+12253441234", "+12253449999"]),
        ("225-344-1234/225-344-9999", ["+12253441234", "+12253449999"]),
        ("225-344-1234 or 225-344-9999", ["+12253441234", "+12253449999"]),
        ("225-344-1234\n225-344-9999", ["+12253441234", "+12253449999"]),
        ("2253441234 2253449999", ["+12253441234", "+12253449999"]),
        ("(225) 344 1234 (225) 344 9999", ["+12253441234", "+12253449999"]),
        ("225/344-1234", ["+12253441234"]),
        ("225-344-1234 & 2253441234", ["+12253441234"]),
        ("cell: 225-344-1234", ["+12253441234"]),
        ("(H) 225-344-1234 (mobile)", ["+12253441234"]),
        ("+44 20 7946 0958", ["+442079460958"]),
        ("2253441234.0", ["+12253441234"]),
        ("H:2253441234 C:2253449999", ["+12253441234", "+12253449999"]),
        ("(225)344-1234(225)344-9999", ["+12253441234", "+12253449999"]),
        ("225–344–1234", ["+12253441234"]),
        ("225\u00a0344\u00a01234", ["+12253441234"]),
        ("٢٢٥٣٤٤١٢٣٤", ["+12253441234"]),
        ("['225-344-1234']", ["+12253441234"]),
        ("225-344-1234 #", ["+12253441234"]),
    ],
)
def test_a_cell_may_hold_several_numbers(cell, numbers):
    assert split_phones(cell) == numbers
    assert read_phones(cell).refused == ()


@pytest.mark.parametrize("cell", ["", "  ", "nan", "None", "N/A", "0", "-", " ; "])
def test_a_blank_cell_is_not_a_refusal(cell):
    assert read_phones(cell) == read_phones("")
    assert split_phones(cell) == []


@pytest.mark.parametrize(
    "cell", ["225-344-1234 x12", "225-344-1234, ext. 12", "(225) 344-1234 #12", "2253441234 extn 12"]
)
def test_an_extension_is_dropped_and_said_so(cell):
    read = read_phones(cell)
    assert (read.numbers, read.refused, read.notes) == (("+12253441234",), (), ("extension dropped",))


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("555-555-5555", "not a telephone number"),
        ("999-999-9999", "not a telephone number"),
        ("123-456-7890", "not a telephone number"),
        ("344-1234", "not a telephone number"),
        ("call my son", "not a telephone number"),
        ("225-222-2222", "an invented number"),
        ("234-567-8901", "an invented number"),
        ("225-555-0123", "reserved for fiction and directory assistance"),
        ("225-555-1212", "reserved for fiction and directory assistance"),
        ("225-911-1234", "a service code, not a subscriber"),
        ("900-234-1234", "a premium-rate number"),
        ("344-1234 DNC", "marked do not call"),
        ("555-555-5555, DNC", "marked do not call"),
        ("225-555-0123 DNC", "marked do not call"),
        ("225-344-1234 fax", "a fax number"),
        ("22534412342253449999", "not a telephone number"),
    ],
)
def test_it_refuses_numbers_nobody_should_call_with_a_reason(cell, reason):
    read = read_phones(cell)
    assert (read.numbers, read.refused) == ((), (reason,))


@pytest.mark.parametrize(
    ("cell", "marked"),
    [
        ("225-344-1234 DNC", ["+12253441234"]),
        ("225-344-1234 (do not call)", ["+12253441234"]),
        ("DNC: 225-344-1234", ["+12253441234"]),
        ("225-344-1234, DNC", ["+12253441234"]),
        ("225-344-1234; 225-344-9999; DNC", ["+12253441234", "+12253449999"]),
        ("225-344-1234 DNC 225-344-9999", ["+12253441234", "+12253449999"]),
        ("225-344-1234 litigator", ["+12253441234"]),
    ],
)
def test_numbers_marked_do_not_call_are_kept_apart(cell, marked):
    read = read_phones(cell)
    assert (read.numbers, list(read.marked), read.refused) == ((), marked, ())
    assert read.notes == ("marked do not call",)


def test_a_bad_number_does_not_spoil_its_neighbours():
    read = read_phones("555-555-5555; 225-344-1234 x9 ; 344-12")
    assert read.numbers == ("+12253441234",)
    assert read.refused == ("not a telephone number", "not a telephone number")


@given(st.text(max_size=60) | st.text(alphabet="0123456789+()-.,;/ x#\n٢adnc", max_size=60))
def test_any_text_gives_valid_numbers_or_none(cell):
    assert all(re.fullmatch(r"\+[0-9]{7,15}", number) and by_library(number) == number for number in split_phones(cell))


def test_a_marked_number_does_not_refuse_its_neighbours():
    read = read_phones("225-344-1234 DNC; 225-344-9999; fax 225-344-8888")
    assert (read.numbers, read.marked) == (("+12253449999",), ("+12253441234",))
    assert (read.refused, read.notes) == (("a fax number",), ("marked do not call",))


def test_a_masked_number_shows_area_and_two_digits():
    assert mask("+12253441212") == "(225) •••-••12"
    assert mask("+442079460958") == "+44•••58"
    assert mask("46645") == "•••45"
    assert mask("911") == "•••"
