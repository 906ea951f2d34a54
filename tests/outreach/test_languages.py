"""What an owner is written to in: set by a rep, suggested by a Spanish reply."""

from __future__ import annotations

import pytest
from django.urls import reverse

from leads.models import Event
from leads.owner_language import set_language
from outreach.models import Message
from outreach.sending import queue_reply
from outreach.spanish import seems_spanish
from tests.factories import MessageFactory, OwnerFactory, UserFactory
from tests.outreach.campaign_setting import open_market, phone_of, reachable_lead


@pytest.mark.parametrize(
    "text",
    [
        "¿Quién es?",
        "Cuanto ofrece por el terreno?",
        "No hablo inglés",
        "gracias pero no me interesa vender",
        "Sí, mándeme una oferta por favor",
        "Mi hermano es el dueño, llame mañana",
        "Numero equivocado",
    ],
)
def test_spanish_replies_are_seen(text: str) -> None:
    assert seems_spanish(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No",
        "Who is this?",
        "This is Maria de la Cruz, what is your offer?",
        "STOP",
        "I sold the land on La Rue de los Santos last year",
        "How much for 2.5 acres in La Place?",
        "Si",
    ],
)
def test_english_replies_are_not_taken_for_spanish(text: str) -> None:
    assert not seems_spanish(text)


@pytest.mark.django_db
def test_the_language_is_set_with_who_and_a_line_in_the_timeline() -> None:
    owner, user = OwnerFactory(), UserFactory()
    assert set_language(owner, "es", by=user)
    owner.refresh_from_db()
    assert (owner.language, owner.history.latest().history_user) == ("es", user)
    assert Event.objects.get().data["text"] == "Written to in Spanish from now on."
    assert set_language(owner, "es", by=user)
    assert (Event.objects.count(), owner.history.count()) == (1, 2)


@pytest.mark.django_db
def test_an_unknown_language_changes_nothing() -> None:
    owner = OwnerFactory()
    assert set_language(owner, "fr", by=None).code == "unknown_language"
    owner.refresh_from_db()
    assert (owner.language, Event.objects.count()) == ("en", 0)


@pytest.mark.django_db
def test_a_spanish_reply_suggests_it_and_a_rep_follows_with_one_press(client, person) -> None:  # type: ignore[no-untyped-def]
    person("rep")
    owner = OwnerFactory()
    page = reverse("admin:outreach_message_conversation", args=[owner.pk])
    assert "Written to in English" in client.get(page).content.decode()
    MessageFactory(owner=owner, body="¿Cuánto ofrece por el terreno?")
    assert "The last reply seems to be in Spanish." in client.get(page).content.decode()
    answer = client.post(reverse("admin:outreach_message_language", args=[owner.pk]), {"language": "es"}, follow=True)
    assert "Written to in Spanish from now on." in answer.content.decode()
    owner.refresh_from_db()
    assert owner.language == "es"
    assert "seems to be" not in client.get(page).content.decode()


@pytest.mark.django_db
def test_nobody_without_the_right_sets_it(client) -> None:  # type: ignore[no-untyped-def]
    owner = OwnerFactory()
    client.force_login(UserFactory())
    url = reverse("admin:outreach_message_language", args=[owner.pk])
    assert client.post(url, {"language": "es"}).status_code == 403
    owner.refresh_from_db()
    assert owner.language == "en"


@pytest.mark.django_db
def test_a_first_answer_written_by_a_person_says_how_to_stop_in_the_owners_language() -> None:
    lead = reachable_lead(open_market())
    lead.owner.language = "es"
    queue_reply(lead.owner, phone_of(lead), "Buenas tardes", lead=lead, by=None)
    assert Message.objects.get().body == "Buenas tardes - Sam Responda STOP para no recibir más."
