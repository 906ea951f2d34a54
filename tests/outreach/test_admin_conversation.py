"""The conversation on the lead page: what it shows, and what its buttons do and refuse."""

import pytest
from django.urls import reverse

from core.phones import mask
from leads.models import Event
from outreach.models import Message, ReplyLabel, Suppression
from outreach.opt_outs import opt_out
from tests.factories import UserFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, open_market, reachable_lead
from tests.outreach.conversations import contact, texted
from tests.outreach.twilio_requests import stored_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    """An owner we texted and who answered; nobody has read the answer."""
    someone = contact(name="THIBODEAUX MARIE")
    texted(someone)
    return someone


def answered(someone, body="Who is this?", **fields):
    return Message.objects.create(
        direction="in",
        origin="inbound",
        state="received",
        phone=someone.phone,
        owner=someone.owner,
        lead=someone.lead,
        market=someone.lead.market,
        body=body,
        due_at=someone.lead.created_at,
        **fields,
    )


def page_of(someone):
    return reverse("admin:outreach_message_conversation", args=[someone.owner.pk])


def lead_page(someone):
    return reverse("admin:leads_lead_change", args=[someone.lead.pk])


def step(name, pk):
    return reverse(f"admin:outreach_message_{name}", args=[pk])


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


def test_the_lead_page_shows_what_was_said_in_order_with_ticks_and_labels(client, person, talk):
    person("rep")
    message = answered(talk, "How much would you pay?")
    ReplyLabel.objects.create(message=message, label="interested", tier="rules", confidence=1)

    page = client.get(lead_page(talk)).content.decode()

    assert page.index("Would you sell your land?") < page.index("How much would you pay?")
    assert "✓✓" in page
    assert "Interested" in page
    assert talk.phone.number not in page
    assert mask(talk.phone.number) in page


def test_words_are_shown_as_words_whatever_they_hold(client, person, talk):
    person("rep")
    answered(talk, "<script>alert(1)</script>")

    page = client.get(page_of(talk)).content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_conversation_takes_the_same_queries_for_any_number_of_texts(
    client, person, warmed, talk, count, django_assert_num_queries
):
    person("rep")
    for _ in range(count):
        answered(talk)
        texted(talk)
    warmed(page_of(talk))

    with django_assert_num_queries(12):
        client.get(page_of(talk))


# answering


def test_an_answer_is_queued_and_said_to_be_on_its_way(client, person, twilio_simulator, time_machine):
    time_machine.move_to(MONDAY_MORNING)
    user = person("rep")
    lead = reachable_lead(open_market())
    phone = lead.owner.phone_links.get().phone

    values = {"phone": phone.pk, "lead": lead.pk, "body": "I will call at five."}
    response = client.post(step("reply", lead.owner.pk), values, follow=True)

    message = Message.objects.get()
    assert (message.state, message.created_by) == ("queued", user)
    assert message.body.startswith("I will call at five.")
    assert "on its way" in said(response)


def test_what_the_gate_holds_or_blocks_is_said_at_once(client, person):
    person("rep")
    lead = reachable_lead(open_market(), consent=False)
    phone = lead.owner.phone_links.get().phone

    response = client.post(
        step("reply", lead.owner.pk), {"phone": phone.pk, "lead": lead.pk, "body": "Hello"}, follow=True
    )

    assert "Not sent: no consent" in said(response)
    assert Message.objects.get().state == "blocked"


def test_an_empty_answer_is_refused_and_stores_nothing(client, person, talk):
    person("rep")
    before = Message.objects.count()

    response = client.post(
        step("reply", talk.owner.pk), {"phone": talk.phone.pk, "lead": talk.lead.pk, "body": " "}, follow=True
    )

    assert "The text is empty." in said(response)
    assert Message.objects.count() == before


def test_an_owner_who_opted_out_has_no_reply_box_and_gets_no_text(client, person, talk):
    person("manager")
    opt_out(talk.phone, evidence="STOP")

    page = client.get(page_of(talk)).content.decode()
    response = client.post(
        step("reply", talk.owner.pk), {"phone": talk.phone.pk, "lead": talk.lead.pk, "body": "Please?"}, follow=True
    )

    assert "No text may go to" in page
    assert "opted out" in page
    assert "<textarea" not in page
    assert "Not sent" in said(response)
    assert not Message.objects.filter(state="queued").exists()


def test_a_number_of_somebody_else_is_not_texted(client, person, talk):
    person("rep")
    other = contact()

    response = client.post(step("reply", talk.owner.pk), {"phone": other.phone.pk, "body": "Hello"}, follow=True)

    assert "Not sent: that number is not this owner's" in said(response)
    assert Message.objects.filter(direction="out").count() == 1


# labels


def test_a_reply_is_labelled_and_the_label_does_what_it_means(client, person, talk):
    user = person("rep")
    message = answered(talk, "maybe, who knows", needs_person=True)

    response = client.post(step("label", message.pk), {"label": "interested"}, follow=True)

    label = ReplyLabel.objects.get()
    assert (label.label, label.tier, label.corrected_by) == ("interested", "person", user)
    assert talk.stage() == "hot"
    assert "Labelled “Interested”." in said(response)
    message.refresh_from_db()
    assert not message.needs_person


def test_labelling_a_reply_an_opt_out_stops_everything(client, person, talk):
    person("rep")
    message = answered(talk, "no more of this", needs_person=True)

    client.post(step("label", message.pk), {"label": "opt_out"})

    assert Suppression.objects.get().reason == "opt_out"


def test_a_label_that_does_not_exist_changes_nothing(client, person, talk):
    person("rep")
    message = answered(talk, needs_person=True)

    response = client.post(step("label", message.pk), {"label": "lovely"}, follow=True)

    assert "is not a label" in said(response)
    assert not ReplyLabel.objects.exists()


def test_a_reply_is_marked_as_handled(client, person, talk):
    person("rep")
    message = answered(talk, needs_person=True)
    assert "A reply waits for you" in client.get(page_of(talk)).content.decode()

    client.post(step("handled", message.pk))

    message.refresh_from_db()
    assert not message.needs_person
    assert "A reply waits for you" not in client.get(page_of(talk)).content.decode()


def test_buttons_lead_back_to_where_they_were_pressed_and_nowhere_else(client, person, talk):
    person("rep")
    message = answered(talk)
    for back, expected in ((lead_page(talk), lead_page(talk)), ("https://evil.example/", page_of(talk))):
        response = client.post(step("label", message.pk), {"label": "confused", "back": back})
        assert response.headers["Location"] == expected


# who may


def test_a_person_without_a_role_may_do_nothing(client, talk):
    client.force_login(UserFactory())
    message = answered(talk)

    assert client.get(page_of(talk)).status_code == 403
    for url in (step("label", message.pk), step("handled", message.pk), step("reply", talk.owner.pk)):
        assert client.post(url, {"label": "hostile", "phone": talk.phone.pk, "body": "x"}).status_code == 403
    assert not ReplyLabel.objects.exists()
    assert not Event.objects.filter(kind="NoteAdded").exists()


@pytest.mark.parametrize("name", ["label", "handled", "reply"])
def test_the_buttons_answer_to_post_alone(client, person, talk, name):
    person("manager")

    assert client.get(step(name, answered(talk).pk)).status_code == 405


def test_a_reply_from_nobody_we_know_can_be_labelled(client, person, db):
    person("rep")
    stored_text("+12252345678", "hello?")
    from outreach.inbound import process_waiting

    process_waiting()
    message = Message.objects.get()

    response = client.post(step("label", message.pk), {"label": "confused"})

    assert response.headers["Location"] == reverse("admin:outreach_message_changelist")
    assert ReplyLabel.objects.get(current=True).label == "confused"
