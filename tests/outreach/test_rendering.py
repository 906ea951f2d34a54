import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rendering import (
    PLACEHOLDERS,
    identifies_sender,
    includes_opt_out_wording,
    placeholders,
    render,
    unknown_placeholders,
    unresolved,
)


def test_it_finds_placeholders_with_and_without_fallback() -> None:
    assert placeholders("Hi {{first_name|there}}, {{ parcel_size }} in {{parish}}") == {
        "first_name",
        "parcel_size",
        "parish",
    }


def test_it_names_placeholders_nobody_declared() -> None:
    assert unknown_placeholders("{{first_name}} {{ssn}}") == {"ssn"}


def test_it_fills_values() -> None:
    found = render("Hi {{first_name}}, this is {{sender_name}}.", {"first_name": " Ann ", "sender_name": "Jo"})
    assert (found.text, found.missing) == ("Hi Ann, this is Jo.", frozenset())


@pytest.mark.parametrize("value", [None, "", "  ", "nan", "NaN", "None", "null"])
def test_a_missing_value_takes_the_fallback(value: str | None) -> None:
    assert render("Hi {{first_name|there}},", {"first_name": value}).text == "Hi there,"


@pytest.mark.parametrize("template", ["Hi {{first_name}},", "Hi {{first_name|}},", "Hi {{first_name| }},"])
def test_without_a_fallback_it_stays_unresolved_and_is_reported(template: str) -> None:
    found = render(template, {"first_name": "nan"})
    assert found.missing == {"first_name"}
    assert found.text == template
    assert unresolved(found.text)


def test_a_value_is_never_rendered_again() -> None:
    assert render("{{first_name}}", {"first_name": "{{company}}", "company": "x"}).text == "{{company}}"


@pytest.mark.parametrize(
    "text",
    ["Hi {{first_name", "Hi {name}", "Hi %(name)s", "Hi [NAME]", "Hi [FIRST NAME]", "at nan", "${name}", "<name>"],
)
def test_leftovers_are_seen(text: str) -> None:
    assert unresolved(text)


@pytest.mark.parametrize("text", ["Hi Nan, 2 acres", "for $4,000", "Nancy here", "5 < 6 acres", "50% off", "banana"])
def test_ordinary_text_is_no_leftover(text: str) -> None:
    assert unresolved(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Reply STOP to opt out",
        "reply stop to end",
        "Text STOP to quit.",
        'Reply "STOP" to unsubscribe',
        "STOP to end",
        "STOP=end",
        "Responda ALTO para salir",
    ],
)
def test_opt_out_wording(text: str) -> None:
    assert includes_opt_out_wording(text)


@pytest.mark.parametrize("text", ["", "I can stop by", "We can stop to look", "Reply with a price", "nonstop to end"])
def test_no_opt_out_wording(text: str) -> None:
    assert not includes_opt_out_wording(text)


def test_the_sender_is_named_in_whole_words() -> None:
    assert identifies_sender("Hi, jo with Acme Land here", ("Jo",))
    assert identifies_sender("Hi, this is Acme Land.", ("Bob", "ACME LAND"))
    assert not identifies_sender("Hi John", ("Jo",))
    assert not identifies_sender("Hi", ("", " "))
    assert not identifies_sender("Hi", ())


@given(st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.one_of(st.none(), st.text(max_size=20))))
def test_what_is_missing_is_exactly_what_is_left(values: dict[str, str | None]) -> None:
    template = " ".join(f"{{{{{name}}}}}" for name in PLACEHOLDERS)
    clean = {name: (value or "").replace("{", "").replace("}", "") for name, value in values.items()}
    found = render(template, clean)
    assert placeholders(found.text) == set(found.missing)
