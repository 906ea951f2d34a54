import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rendering import (
    PLACEHOLDERS,
    identifies_sender,
    includes_opt_out_wording,
    placeholders,
    render,
    syntax_faults,
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


def test_single_braces_are_read_the_same() -> None:
    found = render("Hi {first_name|there}, {sender_name} here about { parish }.", {"sender_name": "Jo"})
    assert (found.text, found.missing) == ("Hi there, Jo here about { parish }.", {"parish"})
    assert unresolved(found.text) == "{ parish }"
    assert unresolved("Hi {first_name|},") == "{first_name|}"


def test_a_declared_fallback_counts_in_its_language_and_after_the_templates_own() -> None:
    assert render("your {{parcel_size}} in {{parish}}", {"parish": "Ascension"}).text == "your land in Ascension"
    assert render("your {{parcel_size|acres}}", {}).text == "your acres"
    assert render("sus {{parcel_size}}", {}, "es").missing == {"parcel_size"}


def test_a_first_name_has_no_declared_fallback() -> None:
    assert render("Is this {{first_name}}?", {}).missing == {"first_name"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (" ", "The text is empty: write what the owner shall read."),
        ("Hi {{fist_name}}", "Unknown placeholder: fist_name (did you mean first_name?)."),
        ("Hi {nickname}", "Unknown placeholder: nickname."),
        ("Hi {{first_name|}}", "The fallback in {{first_name|}} is empty"),
        ("Hi {{first_name|nan}}", "The fallback in {{first_name|nan}} is empty"),
        ("Hi {{first_name}, hello", "A brace stands alone at “Hi {{first_name}, hello”"),
        ("Hi first_name}}", "A brace stands alone at “first_name}}”"),
        ("{{first name}}", "A brace stands alone"),
        ("x" * 1601, "A text has at most 1,600 characters; this one has 1,601."),
    ],
)
def test_faults_are_told_in_words(text: str, fault: str) -> None:
    [found] = syntax_faults(text)
    assert found.startswith(fault)


@given(
    st.lists(st.one_of(st.sampled_from([f"{{{{{name}|x}}}}" for name in PLACEHOLDERS]), st.text("ab ,.", min_size=1)))
)
def test_a_wording_without_faults_leaves_no_brace_behind(parts: list[str]) -> None:
    text = "x" + "".join(parts)
    assert list(syntax_faults(text)) == []
    assert not set("{}") & set(render(text, {}).text)


def test_every_example_is_a_value() -> None:
    values = {name: declared.example for name, declared in PLACEHOLDERS.items()}
    assert render(" ".join(f"{{{name}}}" for name in PLACEHOLDERS), values).text == " ".join(values.values())


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
