from __future__ import annotations

import json
import uuid

import psycopg
import pytest
import redis
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from core.waking import finish_waking
from local.engines import free_port
from local.twilio_simulator import TwilioSimulator
from outreach import delivery, inbound
from outreach.models import Message, WebhookEvent
from outreach.provider import OutgoingText, sms_provider
from outreach.suppressions import active_reasons
from outreach.webhooks import rejected_webhooks
from tests.outreach.conversations import contact, texted
from tests.outreach.twilio_requests import INBOUND, SENDER, inbound_params, post, sid, signature, status_params

pytestmark = pytest.mark.django_db
PHONE = "+12255551234"


@pytest.fixture(autouse=True)
def fresh_valkey(settings):
    cache.clear()
    redis.Redis.from_url(settings.REDIS_URL).delete("outreach")
    yield
    finish_waking()


def test_a_signed_text_is_stored_as_it_came_and_answered_with_nothing_to_say(client):
    params = inbound_params(PHONE, "Señor, ¿cuánto? 👍 & more=yes")

    response = post(client, INBOUND, params)

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/xml"
    assert response.content == b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
    event = WebhookEvent.objects.get()
    assert (event.kind, event.key, event.attempts, event.processed_at) == ("inbound", f"inbound:{sid(1)}", 0, None)
    assert json.loads(event.payload) == params


def test_the_request_itself_does_no_work(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        post(client, INBOUND, inbound_params(PHONE, "STOP"))

    assert not Message.objects.exists()


def test_number_and_words_are_not_stored_in_clear(client):
    post(client, INBOUND, inbound_params(PHONE, "My heirs live in Gonzales"))

    with connection.cursor() as cursor:
        cursor.execute("SELECT e::text FROM outreach_webhookevent e")
        row = cursor.fetchone()[0]
    assert PHONE not in row
    assert "Gonzales" not in row
    assert b"Gonzales".hex() not in row


def test_the_same_webhook_twice_is_one_row(client):
    answers = [post(client, INBOUND, inbound_params(PHONE, "Yes")).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert WebhookEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_asks_the_provider_to_come_again(client, monkeypatch):
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "HOST", "/nowhere")
        connection.close()
        answer = post(client, INBOUND, inbound_params(PHONE, "STOP"))
        connection.close()
    again = post(client, INBOUND, inbound_params(PHONE, "STOP"))

    assert (answer.status_code, answer["Retry-After"], again.status_code) == (503, "2", 200)
    assert WebhookEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_since_the_last_request_loses_nothing(client):
    assert post(client, INBOUND, inbound_params(PHONE, "Hello", 1)).status_code == 200
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

    assert post(client, INBOUND, inbound_params(PHONE, "STOP", 2)).status_code == 200

    assert WebhookEvent.objects.count() == 2


def test_a_status_is_stored_under_its_sid_and_status(client):
    token = uuid.uuid4()
    for status in ("sent", "delivered", "delivered"):
        assert post(client, f"/twilio/status/{token}/", status_params(sid(7), status)).status_code == 204

    assert set(WebhookEvent.objects.values_list("key", "query")) == {
        (f"status:{sid(7)}:sent", str(token)),
        (f"status:{sid(7)}:delivered", str(token)),
    }


@pytest.mark.parametrize("header", ["", "bm90IGEgc2lnbmF0dXJl", "é"])
def test_a_bad_signature_gets_403_and_leaves_a_count_and_no_row(client, header):
    response = client.post(INBOUND, inbound_params(PHONE, "STOP"), headers={"X-Twilio-Signature": header})

    assert response.status_code == 403
    assert rejected_webhooks() == 1
    assert not WebhookEvent.objects.exists()


def test_a_missing_signature_gets_403(client):
    assert client.post(INBOUND, inbound_params(PHONE, "STOP")).status_code == 403
    assert client.post(f"/twilio/status/{uuid.uuid4()}/", status_params(sid(7), "sent")).status_code == 403
    assert rejected_webhooks() == 2
    assert not WebhookEvent.objects.exists()


def test_a_changed_parameter_breaks_the_signature(client):
    signed = signature(INBOUND, inbound_params(PHONE, "STOP"))

    response = client.post(INBOUND, inbound_params(PHONE, "YES"), headers={"X-Twilio-Signature": signed})

    assert response.status_code == 403
    assert not WebhookEvent.objects.exists()


def test_a_signature_for_another_address_does_not_fit(client):
    params = status_params(sid(7), "delivered")
    signed = signature(f"/twilio/status/{uuid.uuid4()}/", params)

    response = client.post(f"/twilio/status/{uuid.uuid4()}/", params, headers={"X-Twilio-Signature": signed})

    assert response.status_code == 403
    assert not WebhookEvent.objects.exists()


def test_without_a_token_nothing_is_believed(client, settings):
    params = inbound_params(PHONE, "STOP")
    signed = signature(INBOUND, params)
    settings.TWILIO_AUTH_TOKEN = ""

    response = client.post(INBOUND, params, headers={"X-Twilio-Signature": signed})

    assert response.status_code == 403
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("address", ["https://crm.example.com", "https://crm.example.com:8443"])
def test_the_public_address_is_what_was_signed_whatever_a_proxy_made_of_it(client, settings, address):
    settings.PUBLIC_BASE_URL = address

    assert post(client, INBOUND + "?region=us1", inbound_params(PHONE, "Yes")).status_code == 200
    assert WebhookEvent.objects.count() == 1


def test_the_cross_site_check_does_not_stop_twilio():
    assert post(Client(enforce_csrf_checks=True), INBOUND, inbound_params(PHONE, "Yes")).status_code == 200


def test_only_post_is_answered(client):
    assert client.get(INBOUND).status_code == 405


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To"])
def test_a_signed_text_without_what_matters_gets_400_naming_it(client, missing):
    params = inbound_params(PHONE, "Yes")
    del params[missing]

    response = post(client, INBOUND, params)

    assert (response.status_code, response.content.decode()) == (400, f"{missing} is missing.\n")
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"MessageStatus": ""}, "MessageStatus is missing.\n"),
        ({"MessageStatus": "DROP TABLE"}, "MessageStatus is malformed.\n"),
        ({"MessageSid": "S" * 90}, "MessageSid is malformed.\n"),
        ({"ErrorCode": "30003x"}, "ErrorCode is not a number.\n"),
    ],
)
def test_a_signed_status_that_makes_no_sense_gets_400(client, wrong, words):
    response = post(client, f"/twilio/status/{uuid.uuid4()}/", status_params(sid(7), "sent") | wrong)

    assert (response.status_code, response.content.decode()) == (400, words)
    assert not WebhookEvent.objects.exists()


def test_a_text_of_pictures_only_is_kept(client):
    params = inbound_params(PHONE, "")
    del params["Body"]

    assert post(client, INBOUND, params).status_code == 200
    assert WebhookEvent.objects.count() == 1


def test_many_webhooks_wake_the_worker_once(client, settings):
    for number in range(5):
        post(client, INBOUND, inbound_params(PHONE, "Yes", number))

    finish_waking()
    assert WebhookEvent.objects.count() == 5
    assert redis.Redis.from_url(settings.REDIS_URL).llen("outreach") == 1


@pytest.fixture
def dead_broker(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }


@pytest.mark.usefixtures("dead_broker")
def test_a_dead_broker_loses_no_reply(client):
    assert post(client, INBOUND, inbound_params(PHONE, "STOP")).status_code == 200
    assert WebhookEvent.objects.count() == 1


@pytest.mark.usefixtures("dead_broker")
def test_a_dead_broker_lets_no_bad_signature_in(client):
    assert client.post(INBOUND, inbound_params(PHONE, "STOP")).status_code == 403
    assert not WebhookEvent.objects.exists()


# Over HTTP


@pytest.mark.django_db(transaction=True)
def test_twilios_own_signed_requests_come_in_over_http(live_server, twilio_simulator, settings):
    settings.PUBLIC_BASE_URL = live_server.url
    person = contact()
    text = texted(person, state="sending", sid=None, sent_at=None)
    callback = f"{live_server.url}/twilio/status/{text.token}/"
    accepted = sms_provider().send(OutgoingText(person.phone.number, SENDER, "Would you sell?", callback))
    delivery.accept(text, accepted.sid, timezone.now())
    with TwilioSimulator(
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, inbound_url=live_server.url + INBOUND, sid_seed="in"
    ) as phones:
        phones.text_in(person.phone.number, SENDER, "Señor, stop texting me & mine 👎")
        phones.wait_until_quiet()
    twilio_simulator.wait_until_quiet()

    assert inbound.process_waiting() == 3
    text.refresh_from_db()
    assert (text.state, text.sid) == ("delivered", accepted.sid)
    assert active_reasons(person.phone, person.owner) == ["opt_out"]
    assert rejected_webhooks() == 0


@pytest.mark.django_db(transaction=True)
def test_somebody_who_only_knows_the_address_is_turned_away_over_http(live_server, settings):
    settings.PUBLIC_BASE_URL = live_server.url
    with TwilioSimulator("AC" + "1" * 32, "another-token", inbound_url=live_server.url + INBOUND) as impostor:
        impostor.text_in(PHONE, SENDER, "START")
        impostor.wait_until_quiet()

    assert rejected_webhooks() == 1
    assert not WebhookEvent.objects.exists()
