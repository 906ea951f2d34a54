"""Texts, consents, suppressions and webhooks as lists and pages."""

import pytest
from django.urls import reverse
from django.utils import timezone

from leads.models import Event
from outreach.consents import record_consent
from outreach.inbound import process_waiting
from outreach.models import Consent, GateDecision, Message, PhoneLookup, Suppression, WebhookEvent
from outreach.suppressions import active_reasons, suppress_number
from tests.factories import MarketFactory, MessageFactory, OwnerFactory, PhoneNumberFactory, UserFactory
from tests.outreach.conversations import contact, queued, state_of, texted
from tests.outreach.twilio_requests import stored_text

pytestmark = pytest.mark.django_db


def list_of(model):
    return reverse(f"admin:outreach_{model}_changelist")


def page_of(record):
    return reverse(f"admin:outreach_{record._meta.model_name}_change", args=[record.pk])


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


def rows(response):
    return [row.pk for row in response.context["cl"].result_list]


def a_text():
    return texted(contact())


def a_consent():
    return record_consent(OwnerFactory(), Consent.Basis.VERBAL, evidence="Said yes")


def a_suppression():
    return suppress_number(PhoneNumberFactory(), "opt_out", evidence="STOP")[0]


def a_webhook():
    number = WebhookEvent.objects.count() + 1
    return stored_text(f"+1225234567{number}", "ok", number)


def a_lookup():
    now = timezone.now()
    return PhoneLookup.objects.create(
        phone=PhoneNumberFactory(), market=MarketFactory(), asked_at=now, cost="0.0080", ask_again_at=now
    )


MAKERS = {
    "message": a_text,
    "consent": a_consent,
    "suppression": a_suppression,
    "phonelookup": a_lookup,
    "webhookevent": a_webhook,
}


@pytest.mark.parametrize("model", MAKERS)
@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_the_same_queries_for_any_number_of_rows(
    client, person, warmed, model, count, django_assert_num_queries
):
    person("manager")
    for _ in range(count):
        MAKERS[model]()
    warmed(list_of(model))

    with django_assert_num_queries({"phonelookup": 8}.get(model, 7)):
        response = client.get(list_of(model))

    assert len(rows(response)) == count


@pytest.mark.parametrize("model", MAKERS)
def test_a_rep_reads_and_a_person_without_a_role_does_not(client, person, model):
    record = MAKERS[model]()
    person("rep")
    assert client.get(list_of(model)).status_code == 200
    assert client.get(page_of(record)).status_code == 200
    assert client.post(reverse(f"admin:outreach_{model}_delete", args=[record.pk]), {"post": "yes"}).status_code == 403

    client.force_login(UserFactory())
    assert client.get(list_of(model)).status_code == 403
    assert client.get(page_of(record)).status_code == 403


# texts


def test_a_text_is_found_by_owner_id_and_whole_number(client, person):
    person("rep")
    someone = contact(name="THIBODEAUX MARIE")
    text = texted(someone)
    texted(contact())

    for words in ("thibodeaux", text.sid, someone.phone.number):
        assert rows(client.get(list_of("message"), {"q": words})) == [text.pk]


def test_texts_are_filtered_by_label_and_by_unknown_writer(client, person):
    person("rep")
    someone = contact()
    texted(someone)
    stored_text(someone.phone.number, "please send me an offer", 1)
    stored_text("+12252345678", "who is this", 2)
    process_waiting()
    known, stranger = Message.objects.replies().order_by("pk")

    assert rows(client.get(list_of("message"), {"label": "send_offer"})) == [known.pk]
    assert rows(client.get(list_of("message"), {"writer": "unknown"})) == [stranger.pk]
    assert rows(client.get(list_of("message"), {"needs_person__exact": "1"})) == [stranger.pk]


def test_a_texts_page_says_what_the_gate_decided_and_what_became_of_it(client, person):
    person("rep")
    text = texted(contact(), state="failed", error_code=30006, error="Landline")
    GateDecision.objects.create(
        message=text,
        outcome="allowed",
        summary="allowed",
        verdicts=[{"rule": "hours", "outcome": "allowed", "reason": "open until 19:00"}],
        states=["LA"],
        local_times={"America/Chicago": "10:15"},
        rule_set="1",
        decided_at=timezone.now(),
    )

    page = client.get(page_of(text)).content.decode()

    for shown in ("open until 19:00", "America/Chicago 10:15", "30006", "Landline", text.sid):
        assert shown in page
    assert text.phone.number not in page


def test_the_body_of_a_list_row_is_cut_and_no_number_is_shown(client, person):
    person("rep")
    MessageFactory(body="x" * 500, phone=PhoneNumberFactory(number="+12252345678"))

    page = client.get(list_of("message")).content.decode()

    assert "x" * 70 + "…" in page
    assert "2345678" not in page


# consents


def test_a_consent_is_recorded_with_its_words_and_withdrawn(client, person):
    user = person("rep")
    owner = OwnerFactory()
    url = reverse("admin:outreach_consent_add")
    assert "evidence" in client.get(url).content.decode()

    client.post(url, {"owner": owner.pk, "basis": "verbal", "evidence": "“Sure, text me.” On the phone, May 3."})

    consent = Consent.objects.get()
    assert (consent.owner, consent.basis, consent.recorded_by, consent.phone) == (owner, "verbal", user, None)
    assert Event.objects.get().kind == "ConsentGiven"

    withdraw = reverse("admin:outreach_consent_withdraw", args=[consent.pk])
    assert "withdrawn" in said(client.post(withdraw, follow=True))
    assert "withdrawn before" in said(client.post(withdraw, follow=True))
    assert Consent.objects.get().revoked_at is not None
    assert Consent.objects.get().history.first().history_user == user


@pytest.mark.parametrize("missing", ["owner", "basis", "evidence"])
def test_a_consent_without_what_it_needs_is_refused(client, person, missing):
    person("rep")
    values = {"owner": OwnerFactory().pk, "basis": "verbal", "evidence": "Said yes"} | {missing: ""}

    response = client.post(reverse("admin:outreach_consent_add"), values)

    assert missing in response.context["adminform"].form.errors
    assert not Consent.objects.exists()


def test_a_consent_is_never_rewritten(client, person):
    person("administrator")
    consent = a_consent()

    assert client.post(page_of(consent), {"evidence": "Other words"}).status_code == 403


# suppressions


def test_a_number_is_stopped_at_once_for_everybody_who_has_it(client, person):
    user = person("rep")
    someone = contact()
    other = contact(phone=someone.phone)
    waiting = queued(someone)
    values = {"number": someone.phone.number, "reason": "opt_out", "evidence": "Said so on the phone"}

    response = client.post(reverse("admin:outreach_suppression_add"), values, follow=True)

    assert "never texted again" in said(response)
    assert (Suppression.objects.get().created_by, state_of(waiting)) == (user, "cancelled")
    assert active_reasons(someone.phone, other.owner) == ["opt_out"]
    assert someone.phone.number not in response.content.decode()


def test_what_is_no_number_is_refused(client, person):
    person("rep")

    response = client.post(
        reverse("admin:outreach_suppression_add"), {"number": "555", "reason": "manual", "evidence": "x"}
    )

    assert "not a telephone number" in response.content.decode()
    assert not Suppression.objects.exists()


def test_a_stop_is_lifted_by_a_manager_with_a_reason_only(client, person):
    stop = a_suppression()
    lift = reverse("admin:outreach_suppression_lift", args=[stop.pk])
    person("rep")
    assert client.post(lift, {"reason": "Please"}).status_code == 403
    assert "Lift it" not in client.get(page_of(stop)).content.decode()

    user = person("manager")
    assert "Say why" in said(client.post(lift, {"reason": " "}, follow=True))
    stop.refresh_from_db()
    assert stop.lifted_at is None

    assert "Lifted" in said(client.post(lift, {"reason": "Typed the wrong number"}, follow=True))
    stop.refresh_from_db()
    assert (stop.lifted_by, stop.lift_reason) == (user, "Typed the wrong number")


def test_a_stop_is_found_by_the_whole_number(client, person):
    person("rep")
    phone = PhoneNumberFactory(number="+12252345678")
    stop, _ = suppress_number(phone, "opt_out", evidence="STOP")
    a_suppression()

    response = client.get(list_of("suppression"), {"q": "225 234 5678"})

    assert rows(response) == [stop.pk]
    assert "2345678" not in response.content.decode()


# webhooks


def test_requests_with_a_bad_signature_are_counted_on_the_page(client, person):
    person("manager")
    assert client.post("/twilio/inbound/", {"MessageSid": "SM1"}).status_code == 403

    assert "requests with a bad signature" in client.get(list_of("webhookevent")).content.decode()


def test_a_webhooks_page_shows_no_payload(client, person):
    person("administrator")
    event = stored_text("+12252345678", "my secret is 42")

    page = client.get(page_of(event)).content.decode()

    assert "secret" not in page
    assert "2345678" not in page


# look-ups


def test_the_look_ups_of_the_month_and_their_cost_are_shown(client, person):
    person("rep")
    assert "No number was looked up yet" in client.get(list_of("phonelookup")).content.decode()
    old = a_lookup()
    PhoneLookup.objects.filter(pk=old.pk).update(asked_at="2020-01-05T12:00Z")
    for _ in range(5):
        lookup = a_lookup()

    page = client.get(list_of("phonelookup")).content.decode()

    assert ">5</strong>, about" in page
    assert ">$0.04</strong>" in page
    assert lookup.phone.number[2:] not in page


def test_nobody_changes_a_look_up(client, person):
    record = a_lookup()
    person("administrator")

    assert client.post(page_of(record), {"cost": "0"}).status_code == 403
