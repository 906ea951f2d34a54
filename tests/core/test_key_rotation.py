import base64
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core.crypto import encrypt
from core.key_rotation import EncryptedColumn, count_outdated, encrypted_columns, read_outdated, rotate_column, swap
from leads.models import Owner, PhoneNumber
from tests.factories import OwnerFactory, PhoneNumberFactory

pytestmark = pytest.mark.django_db

KEY_2, KEY_3 = (base64.b64encode(bytes([n]) * 32).decode() for n in (2, 3))
EMAIL = EncryptedColumn("leads_owner", "email", "id", "bigint")
EMAIL_HISTORY = EncryptedColumn("leads_historicalowner", "email", "history_id", "integer")


def rotate(*arguments):
    out = StringIO()
    call_command("rotate_field_keys", *arguments, stdout=out)
    return out.getvalue()


def key_ids(column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT get_byte({column.column}, 1) FROM {column.table} WHERE {column.column} IS NOT NULL")
        return [key_id for (key_id,) in cursor.fetchall()]


@pytest.fixture
def new_key(settings):
    """Puts key 2 first; what is there stays under key 1 until rotated."""

    def put_first():
        settings.FIELD_KEYS = [f"2:{KEY_2}", *settings.FIELD_KEYS]

    return put_first


def test_it_knows_every_encrypted_column_and_its_history():
    columns = encrypted_columns()
    assert {EMAIL, EMAIL_HISTORY} <= set(columns)
    names = {str(column) for column in columns}
    assert {
        "leads_owner.email",
        "leads_historicalowner.email",
        "leads_phonenumber.number",
        "leads_historicalphonenumber.number",
        "outreach_webhookevent.payload",
    } <= names


def test_it_moves_live_and_history_rows_to_the_first_key(new_key, settings):
    owner = OwnerFactory(email="first@example.com")
    owner.email = "second@example.com"
    owner.save()
    OwnerFactory(email=None)
    PhoneNumberFactory(number="+12253441234")
    history = Owner.history.count()
    updated_at = owner.updated_at
    new_key()
    assert "5 values rotated to key 2" in rotate()
    assert (key_ids(EMAIL), key_ids(EMAIL_HISTORY)) == ([2], [2, 2])
    settings.FIELD_KEYS = [f"2:{KEY_2}"]
    found = Owner.objects.get(pk=owner.pk)
    assert (found.email, found.updated_at) == ("second@example.com", updated_at)
    emails = Owner.history.filter(id=owner.pk).order_by("history_id").values_list("email", flat=True)
    assert list(emails) == ["first@example.com", "second@example.com"]
    assert Owner.history.count() == history
    assert PhoneNumber.objects.by_number("+12253441234").number == "+12253441234"


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_every_row_is_rotated_once_whatever_the_batch(new_key, batch_size):
    for n in range(5):
        OwnerFactory(email=f"{n}@example.com")
    new_key()
    steps = [(step.rotated, step.outdated) for step in rotate_column(EMAIL, batch_size)]
    assert steps[-1] == (5, 0)
    assert len(steps) == -(-5 // batch_size) + 1
    assert sorted(Owner.objects.values_list("email", flat=True)) == [f"{n}@example.com" for n in range(5)]


def test_it_goes_on_where_it_was_stopped(new_key):
    for n in range(5):
        OwnerFactory(email=f"{n}@example.com")
    new_key()
    first = next(rotate_column(EMAIL, 2))
    assert (first.rotated, sorted(key_ids(EMAIL))) == (2, [1, 1, 1, 2, 2])
    *_, last = rotate_column(EMAIL, 2)
    assert (last.rotated, key_ids(EMAIL)) == (3, [2] * 5)


def test_a_value_written_meanwhile_is_not_overwritten(new_key):
    untouched, changed, emptied = (OwnerFactory(email=f"{n}@example.com") for n in range(3))
    new_key()
    rows = [(key, old, encrypt("stale")) for key, old in read_outdated(EMAIL, None, 10)]
    Owner.objects.filter(pk=changed.pk).update(email="writer@example.com")
    Owner.objects.filter(pk=emptied.pk).update(email=None)
    assert swap(EMAIL, rows) == 1
    assert dict(Owner.objects.values_list("pk", "email")) == {
        untouched.pk: "stale",
        changed.pk: "writer@example.com",
        emptied.pk: None,
    }


def test_check_only_counts_and_fails_while_there_is_something_to_do(new_key):
    OwnerFactory(email="jean@example.com")
    assert "0 to rotate" in rotate("--check")
    new_key()
    with pytest.raises(CommandError, match="2 values are not under key 2; run rotate_field_keys"):
        rotate("--check")
    assert key_ids(EMAIL) == [1]
    rotate()
    assert "leads_owner.email: 0 to rotate" in rotate("--check")


def test_json_is_one_object_and_a_second_run_changes_nothing(new_key):
    OwnerFactory(email="jean@example.com")
    new_key()
    report = json.loads(rotate("--json"))
    assert report["key"] == 2
    assert report["columns"]["leads_historicalowner.email"] == {"rotated": 1, "outdated": 0, "unreadable": 0}
    again = json.loads(rotate("--json", "--batch-size", "1"))
    assert {column["rotated"] for column in again["columns"].values()} == {0}


def test_a_value_no_key_opens_is_named_left_alone_and_stops_nobody(settings, new_key):
    settings.FIELD_KEYS = [f"3:{KEY_3}"]
    lost = OwnerFactory(email="lost@example.com")
    settings.FIELD_KEYS = [f"1:{KEY_2}"]
    fine = OwnerFactory(email="jean@example.com")
    new_key()
    with pytest.raises(CommandError, match=rf"2 values are not under key 2; .*leads_owner.email {lost.pk}"):
        rotate()
    assert sorted(key_ids(EMAIL)) == [2, 3]
    assert Owner.objects.get(pk=fine.pk).email == "jean@example.com"
    assert count_outdated(EMAIL) == 1


def test_a_batch_size_below_one_is_refused():
    with pytest.raises(CommandError, match="at least 1"):
        rotate("--batch-size", "0")
