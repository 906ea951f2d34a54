"""The comparison of wordings and the versions, as the template's pages show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.models import User
from outreach.models import Message, MessageTemplate, TemplateVariant
from tests.factories import SINCE, MarketFactory, MessageFactory, TemplateVariantFactory, UserFactory

pytestmark = pytest.mark.django_db
WORDS = "{{company}} here. Sell your land? Reply STOP to opt out."
Person = Callable[[str], User]


def page(template: MessageTemplate, name: str = "change") -> str:
    return reverse(f"admin:outreach_messagetemplate_{name}", args=[template.pk])


def put_back(variant: TemplateVariant, version: int) -> str:
    return reverse("admin:outreach_messagetemplate_put_back", args=[variant.template_id, version])


def texts(variant: TemplateVariant, count: int, **fields: Any) -> list[Message]:
    values = {"direction": "out", "origin": "campaign", "state": "delivered", "claimed_at": SINCE, "variant": variant}
    version = variant.history.latest().history_id
    return [
        MessageFactory(**values | {"wording_version": version, "sid": f"SM{variant.pk}-{number}"} | fields)
        for number in range(count)
    ]


# the comparison


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number_of_wordings(
    client: Client, person: Person, count: int, django_assert_num_queries: Any, warmed: Callable[[str], object]
) -> None:
    person("manager")
    template = TemplateVariantFactory().template
    for number in range(count - 1):
        TemplateVariantFactory(template=template, name=f"B{number}")
    warmed(page(template))
    with django_assert_num_queries(13):
        response = client.get(page(template))
    assert len(response.context["lines"]) == count


def test_it_shows_counts_rates_and_intervals(client: Client, person: Person) -> None:
    person("rep")
    variant = TemplateVariantFactory()
    sent = texts(variant, 20)
    MessageFactory(answers=sent[0], variant=variant, wording_version=sent[0].wording_version, phone=sent[0].phone)
    shown = client.get(page(variant.template)).content.decode()
    assert "5.0 %" in shown
    assert "(0.9–23.6)" in shown
    assert "Wording A is the only one in use." in shown


def test_weights_and_learning_are_explained_with_todays_shares(client: Client, person: Person) -> None:
    person("manager")
    first = TemplateVariantFactory(weight=3)
    TemplateVariantFactory(template=first.template, name="B")
    assert "Owners are divided by the weights you gave." in client.get(page(first.template)).content.decode()
    MessageTemplate.objects.update_or_create(pk=first.template_id, defaults={"learns": True})
    shown = client.get(page(first.template)).context["explained"]
    assert "judged by owners who were interested or asked for an offer, less those who opted out" in shown
    assert "Shares of the next texts: A 5" in shown or "Shares of the next texts: A 4" in shown
    assert "sent fewer than 100 times keeps at least 50 % of an even share" in shown


def test_a_wording_that_is_filtered_more_is_pointed_out(client: Client, person: Person) -> None:
    person("manager")
    first = TemplateVariantFactory()
    second = TemplateVariantFactory(template=first.template, name="B")
    texts(first, 40)
    texts(second, 40, state="undelivered", error_code=30007)
    shown = client.get(page(first.template)).content.decode()
    assert "B should be looked at: carriers filter it clearly more: 40 of 40 texts" in shown
    MessageTemplate.objects.update_or_create(pk=first.template_id, defaults={"learns": True})
    assert "B is stopped: carriers filter it" in client.get(page(first.template)).content.decode()


def test_the_page_names_the_templates_it_belongs_together_with(client: Client, person: Person) -> None:
    person("rep")
    template = TemplateVariantFactory(template__name="First text").template
    assert b"Belongs together with" not in client.get(page(template)).content
    TemplateVariantFactory(template__name="First text", template__language="es")
    TemplateVariantFactory(template__name="First text", template__market=MarketFactory(name="Bayou"))
    TemplateVariantFactory(template__name="Other", template__language="es")
    found = client.get(page(template)).context["relatives"]
    assert [(other.language, other.market and other.market.name) for other in found] == [("en", "Bayou"), ("es", None)]


def test_letters_are_not_compared(client: Client, person: Person) -> None:
    person("manager")
    letter = TemplateVariantFactory(template__purpose="letter", body="Dear {{owner_name}}")
    assert b"How the wordings do" not in client.get(page(letter.template)).content


# versions


@pytest.mark.parametrize("count", [1, 3])
def test_the_versions_take_the_same_queries_for_any_number(
    client: Client, person: Person, count: int, django_assert_num_queries: Any, warmed: Callable[[str], object]
) -> None:
    person("manager")
    variant = TemplateVariantFactory()
    for number in range(count):
        variant.body = f"{WORDS} {number}"
        variant._history_user = UserFactory()
        variant.save()
    warmed(page(variant.template, "history"))
    with django_assert_num_queries(8):
        response = client.get(page(variant.template, "history"))
    assert len(response.context["changes"]) == count + 1


def test_a_manager_puts_words_back_and_a_rep_only_looks(client: Client, person: Person) -> None:
    variant = TemplateVariantFactory()
    first, version = variant.body, variant.history.get().history_id
    variant.body = WORDS
    variant.save()
    person("rep")
    shown = client.get(page(variant.template, "history")).content.decode()
    assert "<ins>" in shown
    assert "Put these words back" not in shown
    assert client.post(put_back(variant, version), {"reason": "x"}).status_code == 403
    assert TemplateVariant.objects.get().body == WORDS

    user = person("manager")
    assert "Put these words back" in client.get(page(variant.template, "history")).content.decode()
    answer = client.post(put_back(variant, version), {"reason": ""}, follow=True)
    assert "Say why the earlier words are put back." in answer.content.decode()
    assert TemplateVariant.objects.get().body == WORDS
    client.post(put_back(variant, version), {"reason": "It did better"})
    assert TemplateVariant.objects.get().body == first
    assert variant.history.latest().history_user == user


def test_the_packages_own_way_back_is_closed(client: Client, person: Person) -> None:
    person("manager")
    template = TemplateVariantFactory().template
    url = reverse(
        "admin:outreach_messagetemplate_simple_history", args=[template.pk, template.history.get().history_id]
    )
    assert client.get(url).headers["Location"] == page(template, "history")
    assert client.post(url, {"name": "Other"}).status_code == 403
    assert MessageTemplate.objects.get().name == template.name


def test_strangers_see_no_versions(client: Client) -> None:
    variant = TemplateVariantFactory()
    client.force_login(UserFactory())
    assert client.get(page(variant.template, "history")).status_code == 403
    assert client.post(put_back(variant, 1), {"reason": "x"}).status_code == 403


def test_a_text_names_the_version_it_was_written_from(client: Client, person: Person) -> None:
    person("rep")
    variant = TemplateVariantFactory()
    [text] = texts(variant, 1)
    variant.body = WORDS
    variant.save()
    [later] = texts(variant, 1, sid="SMlater")
    for message, words in ((text, f"{variant.template} A, version 1"), (later, f"{variant.template} A, version 2")):
        assert words in client.get(message.get_absolute_url()).content.decode()
