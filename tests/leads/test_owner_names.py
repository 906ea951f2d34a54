"""Owner columns as rolls write them: one spelling to compare by, and the kind of owner the words tell."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.models import Owner
from leads.owner_names import OwnerName, classify_owner, mailing_key, name_key, people_as_json
from leads.people import Person


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Thériot, John", "THERIOT JOHN"),
        ("  THERIOT   JOHN ", "THERIOT JOHN"),
        ("ACME, L.L.C.", "ACME LLC"),
        ("O'Neal-Smith, Ann", "ONEAL SMITH ANN"),
        ("SMITH JOHN A & MARY B", "SMITH JOHN A & MARY B"),
        ("PEÑA, JOSÉ", "PENA JOSE"),
        ("", ""),
        (" - ", ""),
    ],
)
def test_one_spelling_of_a_name(written, key):
    assert name_key(written) == key
    assert name_key(key) == key


def test_punctuation_case_and_accents_never_make_another_owner():
    random_ = random.Random(1)
    words = ["BOUDREAUX", "JEAN", "THERIOT", "MARIE", "ST", "CLAIRE", "JR"]
    for _ in range(300):
        name = random_.sample(words, random_.randint(1, 5))
        noisy = random_.choice([" ", ", ", "  ", " - "]).join(random_.choice([str.title, str.lower])(w) for w in name)
        assert name_key(noisy.replace("e", random_.choice("eé"))) == " ".join(name)


def test_the_mailing_key_leaves_out_the_four_more_digits_and_needs_a_street():
    key = mailing_key("12 Oak St.", "Baton Rouge", "LA", "70810-1234")

    assert key == mailing_key("12 OAK ST", "BATON ROUGE", "la", "70810") == "12 OAK ST BATON ROUGE LA 70810"
    assert mailing_key("", "BATON ROUGE", "LA", "70810") == ""


KINDS = {
    "person": ["BOUDREAUX JEAN", "Smith, John A", "CHURCH WILLIAM", "ESTES ROBERT", "TRUSTY MARY", "ST PIERRE ANN"],
    "couple": ["SMITH JOHN A & MARY B", "Hebert, Paul and Ann", "ROBICHAUX T & C"],
    "estate": [
        "ESTATE OF JOHN SMITH",
        "SMITH JOHN ESTATE",
        "SUCCESSION OF M LANDRY",
        "SMITH JOHN (DECEASED)",
        "SUCCESSION OF PASTOR BAPTIST",
    ],
    "heirs": ["BOUDREAUX JEAN ET AL", "LANDRY HEIRS", "SMITH JOHN & MARY & PAUL"],
    "life_estate": ["SMITH MARY (LE)", "SMITH MARY USUFRUCT"],
    "trust": ["SMITH FAMILY TRUST", "JONES MARY TRUSTEE", "THE BROWN REVOCABLE LIVING TRUST", "ESTATE TRUST OF A LEE"],
    "company": [
        "ACME LAND LLC",
        "Acme, L.L.C.",
        "BAYOU HOLDINGS INC",
        "COLLEGE TOWN LLC",
        "CITY OF GOLD LLC",
        "DOW CO",
    ],
    "school": ["EAST BATON ROUGE PARISH SCHOOL BOARD", "LOUISIANA STATE UNIVERSITY", "EPISCOPAL HIGH SCHOOL"],
    "church": ["FIRST BAPTIST CHURCH", "ROMAN CATHOLIC DIOCESE OF BATON ROUGE", "LIVING WATERS MINISTRIES INC"],
    "utility": ["ENTERGY LOUISIANA LLC", "BATON ROUGE WATER COMPANY", "DEMCO"],
    "government": [
        "CITY OF BATON ROUGE",
        "STATE OF LOUISIANA",
        "PARISH OF EAST BATON ROUGE",
        "UNITED STATES OF AMERICA",
        "HOUSING AUTHORITY OF EBR",
        "POLICE JURY",
    ],
    "unknown": ["", "12345", "X"],
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in KINDS.items() for name in names])
def test_the_words_tell_the_kind_of_owner(kind, name):
    assert classify_owner(name).value == kind


@given(st.text(st.characters(max_codepoint=127), max_size=400))
def test_plain_names_have_the_key_that_any_other_way_of_writing_them_has(name):
    assert name_key(name) == name_key(f"{name}\u0301")  # an accent on the last letter makes no difference


@given(st.lists(st.tuples(*[st.text(max_size=12)] * 4), max_size=3))
def test_people_are_stored_as_their_parts(parts):
    people = tuple(Person(*each) for each in parts)

    assert json.loads(people_as_json(OwnerName(Owner.Kind.PERSON, people))) == [each._asdict() for each in people]
