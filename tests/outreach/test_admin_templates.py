"""The template pages: what may be saved, and the preview."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.models import User
from outreach.models import Campaign, MessageTemplate, TemplateVariant
from tests.factories import (
    CampaignStepFactory,
    LeadFactory,
    MarketFactory,
    OwnerFactory,
    TemplateVariantFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LIST = reverse("admin:outreach_messagetemplate_changelist")
ADD = reverse("admin:outreach_messagetemplate_add")
PREVIEW = reverse("admin:outreach_messagetemplate_preview")
GOOD = "Hi {{first_name|there}}, {{sender_name}} with {{company}}. Sell your land? Reply STOP to opt out."
Person = Callable[[str], User]


def page(template: MessageTemplate) -> str:
    return reverse("admin:outreach_messagetemplate_change", args=[template.pk])


def form(body: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Spring text",
        "purpose": "first_text",
        "language": "en",
        "active": "on",
        "goal": "interested",
        "least_texts": 100,
        "why": "Spring",
        "variants-TOTAL_FORMS": 1,
        "variants-INITIAL_FORMS": 0,
        "variants-0-name": "A",
        "variants-0-weight": 1,
        "variants-0-active": "on",
        "variants-0-body": body,
        **changes,
    }


def body_errors(response: Any) -> list[str]:
    [formset] = response.context["inline_admin_formsets"]
    return list(formset.formset.forms[0].errors.get("body", []))


# the list


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    client: Client, person: Person, count: int, django_assert_num_queries: Any, warmed: Callable[[str], object]
) -> None:
    person("rep")
    TemplateVariantFactory.create_batch(count)
    warmed(LIST)
    with django_assert_num_queries(7):
        response = client.get(LIST)
    assert response.content.count(b'class="field-name') == count


def test_the_list_counts_the_wordings_in_use(client: Client, person: Person) -> None:
    person("rep")
    template = TemplateVariantFactory().template
    TemplateVariantFactory(template=template, name="B", active=False)
    assert client.get(LIST).context["cl"].result_list.get().wordings == 1


# saving


def test_a_manager_saves_a_template_with_its_wording(client: Client, person: Person) -> None:
    user = person("manager")
    client.post(ADD, form(GOOD))
    variant = TemplateVariant.objects.get()
    assert (variant.template.name, variant.template.market, variant.body) == ("Spring text", None, GOOD)
    assert variant.history.get().history_user == user


def test_a_change_is_kept_with_its_reason_and_without_one_not_made(client: Client, person: Person) -> None:
    person("manager")
    variant = TemplateVariantFactory()
    values = {"variants-INITIAL_FORMS": 1, "variants-0-id": variant.pk, "variants-0-template": variant.template_id}
    response = client.post(page(variant.template), form(GOOD, **values, why=""))
    assert "why" in response.context["adminform"].form.errors
    assert TemplateVariant.objects.get().body == variant.body
    client.post(page(variant.template), form(GOOD, **values, why="Shorter", learns="on"))
    assert TemplateVariant.objects.get().body == GOOD
    assert MessageTemplate.objects.get().learns
    assert [row.history.latest().history_change_reason for row in (variant, variant.template)] == ["Shorter"] * 2


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (GOOD + " {{nickname}}", "Unknown placeholder: nickname."),
        (GOOD.replace("{{sender_name}} with {{company}}", "a buyer"), "Say who writes"),
        (GOOD.replace("Reply STOP to opt out.", "Thanks."), "A first text says how to stop"),
        (GOOD + " {{letter_code}}", "Nothing fills this placeholder here: letter_code."),
        (GOOD + " {{parish}", "A brace stands alone at “opt out. {{parish}”"),
        ("", "The text is empty: write what the owner shall read."),
        ("x" * 2000, "A text has at most 1600 characters; this one has 2000."),
    ],
)
def test_a_wording_the_gate_would_refuse_is_not_saved(client: Client, person: Person, body: str, error: str) -> None:
    person("manager")
    response = client.post(ADD, form(body))
    assert error in body_errors(response)[0]
    assert MessageTemplate.objects.count() == TemplateVariant.objects.count() == 0


def test_making_a_follow_up_a_first_text_asks_for_the_opt_out_wording(client: Client, person: Person) -> None:
    person("manager")
    follow_up = TemplateVariantFactory(template__purpose="follow_up", body="{{company}} again. Still interested?")
    changed = form(follow_up.body, **{"variants-INITIAL_FORMS": 1, "variants-0-id": follow_up.pk})
    response = client.post(page(follow_up.template), changed | {"variants-0-template": follow_up.template_id})
    assert "how to stop" in body_errors(response)[0]
    assert MessageTemplate.objects.get().purpose == "follow_up"


def test_a_wording_that_reaches_no_lead_is_refused_and_one_that_reaches_some_is_saved_with_a_warning(
    client: Client, person: Person
) -> None:
    person("manager")
    LeadFactory(score=50, owner__name="ACME LLC", owner__kind="company")
    bare = GOOD.replace("|there", "")
    assert body_errors(client.post(ADD, form(bare))) == [
        "The only lead tried has no first name. Write what stands there instead, as in {{first_name|…}}; without it "
        "they are not sent this."
    ]
    assert TemplateVariant.objects.count() == 0
    LeadFactory(score=60, owner__name="SMITH JOHN")
    answer = client.post(ADD, form(bare), follow=True)
    assert "Wording A: 1 of the 2 leads tried has no first name." in answer.content.decode()
    assert TemplateVariant.objects.get().body == bare


def test_a_wording_too_long_for_every_lead_is_refused(client: Client, person: Person) -> None:
    person("manager")
    LeadFactory(score=50, market__max_segments=2)
    [error] = body_errors(client.post(ADD, form(GOOD + " land" * 80)))
    assert error == "The only lead tried has more segments than the market allows (up to 4)."
    assert MessageTemplate.objects.count() == 0


def test_the_form_lists_the_placeholders(client: Client, person: Person) -> None:
    person("manager")
    shown = client.get(ADD).content.decode()
    assert "<code>{{parcel_size}}</code> the size in words, such as 2.5 acres; “land” when not known" in shown


def test_the_page_says_which_running_campaign_uses_it(client: Client, person: Person) -> None:
    person("manager")
    step = CampaignStepFactory(campaign__name="Autumn")
    assert b"Autumn" not in client.get(page(step.template)).content
    Campaign.objects.update(status="running", launched_at="2026-01-05T12:00Z")
    assert b"A running campaign uses it (Autumn)" in client.get(page(step.template)).content


# the preview


def test_the_preview_is_for_the_best_lead_of_the_market_or_the_chosen_owner(client: Client, person: Person) -> None:
    person("manager")
    market = MarketFactory()
    LeadFactory(market=market, score=50, owner__name="LOW ANN")
    LeadFactory(market=market, score=80, owner__name="SMITH JOHN")
    LeadFactory(score=90, owner__name="ELSEWHERE BOB")
    chosen = LeadFactory(market=market, score=None, owner__name="LANDRY PAUL").owner
    asked = {"body": "Hi {{first_name}}", "purpose": "first_text", "market": market.pk}
    assert client.post(PREVIEW, asked).context["shown"].text == "Hi John"
    assert client.post(PREVIEW, asked | {"owner": chosen.pk}).context["shown"].text == "Hi Paul"


def test_the_preview_shows_cost_faults_and_dear_characters(client: Client, person: Person) -> None:
    person("manager")
    LeadFactory(score=50, market__segment_cost="0.0108")
    content = client.post(PREVIEW, {"body": "It’s me", "purpose": "first_text"}).content.decode()
    for words in ("1 segment", "UCS-2", "$0.0108", "right single quotation mark", "Say who writes", "how to stop"):
        assert words in content


def test_the_preview_escapes_what_was_typed(client: Client, person: Person) -> None:
    person("manager")
    LeadFactory(score=50)
    content = client.post(PREVIEW, {"body": "<script>x</script>", "purpose": "reply"}).content
    assert b"<script>" not in content
    assert b"&lt;script&gt;" in content


def test_without_a_lead_the_faults_are_still_told(client: Client, person: Person) -> None:
    person("manager")
    content = client.post(PREVIEW, {"body": "Hello", "purpose": "first_text"}).content.decode()
    assert "nobody to show it for" in content
    assert "Say who writes" in content
    owner = OwnerFactory(name="NOBODY ANN")
    asked = {"body": "Hello", "purpose": "reply", "owner": owner.pk}
    assert "NOBODY ANN has no open lead" in client.post(PREVIEW, asked).content.decode()


def test_an_empty_wording_has_no_preview_and_an_endless_one_is_told_why(client: Client, person: Person) -> None:
    person("manager")
    assert client.post(PREVIEW, {"body": "", "purpose": "reply"}).status_code == 400
    content = client.post(PREVIEW, {"body": "x" * 2000, "purpose": "reply"}).content.decode()
    assert "A text has at most 1,600 characters; this one has 2,000." in content


def test_the_preview_tells_how_many_leads_a_wording_does_not_reach(client: Client, person: Person) -> None:
    person("manager")
    LeadFactory(score=50, owner__name="SMITH JOHN")
    LeadFactory(score=60, owner__name="ACME LLC", owner__kind="company")
    asked = {"body": GOOD.replace("|there", ""), "purpose": "first_text"}
    assert "1 of the 2 leads tried has no first name." in client.post(PREVIEW, asked).content.decode()
    assert "Tried on 2 leads" in client.post(PREVIEW, asked | {"body": GOOD}).content.decode()


# who may


def test_a_rep_reads_templates_and_changes_none(client: Client, person: Person) -> None:
    person("rep")
    variant = TemplateVariantFactory()
    assert client.get(page(variant.template)).status_code == 200
    assert client.post(page(variant.template), form("Other")).status_code == 403
    assert client.get(ADD).status_code == 403
    assert TemplateVariant.objects.get().body == variant.body


def test_strangers_see_nothing(client: Client) -> None:
    template = TemplateVariantFactory().template
    for url in (LIST, ADD, page(template)):
        assert "/login/" in client.get(url).headers["Location"]
    assert "/login/" in client.post(PREVIEW, {"body": "x"}).headers["Location"]
    client.force_login(UserFactory())
    assert client.get(LIST).status_code == 403
    assert client.post(PREVIEW, {"body": "x", "purpose": "reply"}).status_code == 403


def test_nobody_deletes_a_template(client: Client, person: Person) -> None:
    person("administrator")
    template = TemplateVariantFactory().template
    url = reverse("admin:outreach_messagetemplate_delete", args=[template.pk])
    assert client.post(url, {"post": "yes"}).status_code == 403
    assert MessageTemplate.objects.count() == 1
