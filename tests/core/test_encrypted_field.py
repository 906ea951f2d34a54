"""The faults of the packages that this field replaces are its conformance test, run on real records with history."""

import base64

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Cast, Concat
from django.forms import modelform_factory
from simple_history.utils import bulk_update_with_history

from core.crypto import DecryptionError, blind_index, decrypt, encrypt
from core.fields import BlindIndexField, EncryptedTextField
from leads.models import Owner, PhoneNumber
from tests.factories import OwnerFactory, PhoneNumberFactory

pytestmark = pytest.mark.django_db

KEY_2, KEY_3 = (base64.b64encode(bytes([n]) * 32).decode() for n in (2, 3))


def stored(record, column, table=None):
    """The bytes in the row, unread by any field."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table or record._meta.db_table} WHERE id = %s", [record.pk])
        return cursor.fetchone()[0]


def emails():
    return dict(Owner.objects.values_list("pk", "email"))


# Storing and reading -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["jean@example.com", "", "é ☎ \x00", "x" * 100_000])
def test_text_is_encrypted_in_the_row_and_read_back(text):
    owner = OwnerFactory(email=text)
    in_row = stored(owner, "email")
    assert decrypt(in_row) == text
    assert not text or text.encode() not in in_row
    assert Owner.objects.get(pk=owner.pk).email == text
    assert Owner.history.get(id=owner.pk).email == text


def test_null_stays_null_and_is_all_that_can_be_asked():
    without, with_email = OwnerFactory(email=None), OwnerFactory(email="")
    assert stored(without, "email") is None
    assert Owner.objects.get(pk=without.pk).email is None
    assert Owner.objects.get(email__isnull=True) == without
    assert Owner.objects.get(email__isnull=False) == with_email


@pytest.mark.parametrize("value", [b"\x01\x01bytes", 2253441234])
def test_anything_but_text_is_refused(value):
    owner = OwnerFactory(email="jean@example.com")
    owner.email = value
    with pytest.raises(TypeError, match="email takes text"), transaction.atomic():
        owner.save()
    assert emails() == {owner.pk: "jean@example.com"}


# Fault 1: bulk_update stored the repr of the SQL expression ----------------------------------------------------------


def test_bulk_update_stores_each_rows_own_value():
    owners = [OwnerFactory(email=f"{n}@example.com") for n in range(3)]
    owners[0].email, owners[1].email = "new@example.com", None
    Owner.objects.bulk_update(owners, ["email"])
    assert emails() == {
        owners[0].pk: "new@example.com",
        owners[1].pk: None,
        owners[2].pk: "2@example.com",
    }


def test_bulk_update_with_history_writes_both():
    owners = [OwnerFactory(email="old@example.com") for _ in range(2)]
    for number, owner in enumerate(owners):
        owner.email = f"{number}@example.com"
    bulk_update_with_history(owners, Owner, ["email"])
    assert emails() == {owners[0].pk: "0@example.com", owners[1].pk: "1@example.com"}
    assert owners[1].history.first().email == "1@example.com"


def test_sql_expressions_pass_through():
    first, second = OwnerFactory(email="first@example.com"), OwnerFactory(email="second@example.com")
    Owner.objects.update(email=F("email"))
    assert emails() == {first.pk: "first@example.com", second.pk: "second@example.com"}
    fresh = Value("fresh@example.com", output_field=EncryptedTextField())
    Owner.objects.update(email=Case(When(pk=first.pk, then=fresh), default=F("email")))
    assert emails() == {first.pk: "fresh@example.com", second.pk: "second@example.com"}
    Owner.objects.update(email=Value(None))
    assert emails() == {first.pk: None, second.pk: None}


@pytest.mark.parametrize(
    "expression",
    [
        Value("clear@example.com, long enough to be taken for a ciphertext"),
        Value(""),
        Cast(Value("clear@example.com" * 3), EncryptedTextField()),
        Cast(Case(When(pk__gt=0, then=Value("clear@example.com" * 3))), EncryptedTextField()),
    ],
)
def test_an_expression_that_would_store_clear_text_is_refused_by_the_database(expression):
    owner = OwnerFactory(email="jean@example.com")
    with pytest.raises(IntegrityError, match="email_check"), transaction.atomic():
        Owner.objects.update(email=expression)
    assert emails() == {owner.pk: "jean@example.com"}


def test_raw_sql_cannot_store_clear_text_in_live_or_history_rows():
    PhoneNumberFactory(number="+12253441234")
    for table in ("leads_phonenumber", "leads_historicalphonenumber"):
        with pytest.raises(IntegrityError, match="number_check"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET number = %s", [b"+12253441234 and then some more bytes"])
    assert PhoneNumber.objects.get().number == "+12253441234"


# Faults 2 and 6: a wrong key returned ciphertext, the next save encrypted it again; wrong keys were swallowed ---------


@pytest.mark.parametrize("keys", [[f"2:{KEY_2}"], [f"1:{KEY_2}"]])
def test_a_wrong_key_raises_wherever_the_value_is_read(settings, keys):
    owner = OwnerFactory(email="jean@example.com")
    before = stored(owner, "email")
    settings.FIELD_KEYS = keys
    for read in (
        lambda: Owner.objects.get(pk=owner.pk),
        lambda: list(Owner.objects.values_list("email", flat=True)),
        lambda: list(Owner.objects.values("email").iterator()),
        lambda: Owner.history.filter(id=owner.pk).first(),
        lambda: Owner.objects.defer("email").get(pk=owner.pk).email,
        lambda: owner.refresh_from_db(),
    ):
        with pytest.raises(DecryptionError):
            read()
    assert stored(owner, "email") == before


def test_a_row_whose_value_cannot_be_read_can_still_be_saved_without_touching_it(settings):
    owner = OwnerFactory(email="jean@example.com")
    before = stored(owner, "email")
    right_keys = settings.FIELD_KEYS
    settings.FIELD_KEYS = [f"2:{KEY_2}"]
    unread = Owner.objects.defer("email").get(pk=owner.pk)
    unread.name = "BOUDREAUX JEANNE"
    unread.save_base(raw=True, update_fields=["name"])
    assert stored(owner, "email") == before
    settings.FIELD_KEYS = right_keys
    assert Owner.objects.get(pk=owner.pk).email == "jean@example.com"


# Fault 4: a form value that was a valid token was decrypted ----------------------------------------------------------


def test_a_form_stores_what_was_typed_even_when_it_looks_encrypted():
    owner = OwnerFactory(email="jean@example.com")
    form_class = modelform_factory(Owner, fields=["email"])
    for typed in (encrypt("jean@example.com").hex(), "\\x" + encrypt("a").hex(), "gAAAAABhtoken==", "\x01\x01abc"):
        form = form_class({"email": typed}, instance=owner)
        assert form.is_valid(), form.errors
        form.save()
        assert decrypt(stored(owner, "email")) == typed == Owner.objects.get(pk=owner.pk).email


def test_an_empty_optional_form_field_is_null():
    owner = OwnerFactory(email="jean@example.com")
    form = modelform_factory(Owner, fields=["email"])({"email": ""}, instance=owner)
    form.save()
    assert stored(owner, "email") is None


# Fault 5: exact filters silently matched nothing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        {"number": "+12253441234"},
        {"number__exact": "+12253441234"},
        {"number__in": ["+12253441234"]},
        {"number__icontains": "344"},
        {"number__gt": ""},
        {"number__upper__exact": "A"},
        {"number": None},
        {"owner_links__phone__number": "+12253441234"},
    ],
)
def test_look_ups_refuse_loudly(question):
    PhoneNumberFactory(number="+12253441234")
    for ask in (PhoneNumber.objects.filter, PhoneNumber.objects.exclude, PhoneNumber.objects.get):
        with pytest.raises(FieldError, match=r"number is encrypted: .*blind index \(such as by_number\)"):
            ask(**question)


def test_look_ups_on_annotations_refuse_too():
    with pytest.raises(FieldError, match="number is encrypted"):
        PhoneNumber.objects.annotate(same=F("number")).filter(same="+12253441234")


# The blind index -----------------------------------------------------------------------------------------------------


def test_a_number_is_found_by_its_hash_after_save_and_bulk_create():
    saved = PhoneNumberFactory(number="+12253441234")
    created, other = PhoneNumber.objects.bulk_create([PhoneNumber(number="+12253449999"), PhoneNumber(number="+12")])
    assert PhoneNumber.objects.get(number_hash=blind_index("+12253441234")) == saved
    wanted = [blind_index("+12253441234"), blind_index("+12253449999")]
    assert set(PhoneNumber.objects.filter(number_hash__in=wanted)) == {saved, created}
    assert stored(other, "number_hash") == blind_index("+12")
    assert saved.history.get().number_hash == blind_index("+12253441234")


def test_the_hash_follows_the_number_in_memory():
    phone = PhoneNumber(number="+12253441234", number_hash=b"wrong")
    assert phone.number_hash == blind_index("+12253441234")
    phone.number = "+12253449999"
    assert phone.number_hash == blind_index("+12253449999")
    phone.save()
    assert PhoneNumber.objects.get(number_hash=blind_index("+12253449999")) == phone


def test_the_hash_can_be_read_without_the_number():
    phone = PhoneNumberFactory(number="+12253441234")
    loaded = PhoneNumber.objects.defer("number").get(pk=phone.pk)
    assert loaded.number_hash == blind_index("+12253441234")
    assert "number" in loaded.get_deferred_fields()
    loaded.carrier = "Example"
    loaded.save_base(update_fields=["carrier", "number_hash"])
    assert PhoneNumber.objects.get(number_hash=blind_index("+12253441234")).carrier == "Example"


def test_two_spellings_of_one_number_cannot_both_be_stored():
    PhoneNumberFactory(number="+12253441234")
    with pytest.raises(IntegrityError), transaction.atomic():
        PhoneNumberFactory(number="+12253441234")
    assert PhoneNumber.objects.count() == 1


def change_by_bulk_update(phone):
    phone.number = "+12253449999"
    PhoneNumber.objects.bulk_update([phone], ["number"])


def change_by_save_of_one_field(phone):
    phone.number = "+12253449999"
    phone.save(update_fields=["number"])


def change_by_update(phone):
    PhoneNumber.objects.update(number="+12253449999")


def change_by_upsert(phone):
    fresh = PhoneNumber(pk=phone.pk, number="+12253449999")
    PhoneNumber.objects.bulk_create([fresh], update_conflicts=True, update_fields=["number"], unique_fields=["id"])


@pytest.mark.parametrize(
    "change", [change_by_bulk_update, change_by_save_of_one_field, change_by_update, change_by_upsert]
)
def test_a_number_cannot_change_without_its_hash(change):
    phone = PhoneNumberFactory(number="+12253441234")
    with pytest.raises(FieldError, match="number must be written together with number_hash"), transaction.atomic():
        change(phone)
    unchanged = PhoneNumber.objects.get(number_hash=blind_index("+12253441234"))
    assert unchanged.number == "+12253441234"


def test_bulk_update_and_upsert_of_both_keep_them_together():
    phones = [PhoneNumberFactory(number=f"+1225344000{n}") for n in range(2)]
    for n, phone in enumerate(phones):
        phone.number = f"+1225344111{n}"
    PhoneNumber.objects.bulk_update(phones, ["number", "number_hash"])
    assert PhoneNumber.objects.get(number_hash=blind_index("+12253441111")).number == "+12253441111"
    fresh = PhoneNumber(pk=phones[0].pk, number="+12253449999")
    both = ["number", "number_hash"]
    PhoneNumber.objects.bulk_create([fresh], update_conflicts=True, update_fields=both, unique_fields=["id"])
    assert PhoneNumber.objects.get(number_hash=blind_index("+12253449999")).pk == phones[0].pk


def test_an_expression_has_no_hash():
    phone = PhoneNumberFactory(number="+12253441234")
    phone.number = Concat(F("number"), Value("0"))
    with pytest.raises(FieldError, match="SQL expression"), transaction.atomic():
        phone.save()
    assert PhoneNumber.objects.get().number == "+12253441234"


@pytest.mark.parametrize("lookup", ["contains", "gt", "startswith"])
def test_the_hash_answers_only_exact_questions(lookup):
    with pytest.raises(FieldError, match="keyed hash"):
        PhoneNumber.objects.filter(**{f"number_hash__{lookup}": b"x"})


# Declaration ---------------------------------------------------------------------------------------------------------


def test_migrations_rebuild_the_same_fields():
    for model in (PhoneNumber, PhoneNumber.history.model):
        for name in ("number", "number_hash"):
            field = model._meta.get_field(name)
            assert field.clone().deconstruct()[1:] == field.deconstruct()[1:]
    assert PhoneNumber._meta.get_field("number").deconstruct()[1] == "core.fields.EncryptedTextField"
    assert PhoneNumber._meta.get_field("number_hash").deconstruct()[3] == {
        "max_length": 32,
        "source": "number",
        "unique": True,
    }
    assert PhoneNumber._meta.get_field("number_hash").editable is False


def test_a_field_that_cannot_work_is_found_by_the_system_check():
    class Wrong(models.Model):
        secret = EncryptedTextField(unique=True)
        plain = models.TextField()
        plain_hash = BlindIndexField(source="plain")
        lost_hash = BlindIndexField(source="nothing")

        class Meta:
            app_label = "core"
            managed = False

        def __str__(self):
            return ""

    try:
        found = {field.name: [e.id for e in field.check()] for field in Wrong._meta.local_fields if field.name != "id"}
    finally:
        Wrong._meta.apps.all_models["core"].pop("wrong")
        Wrong._meta.apps.clear_cache()
    assert found == {"secret": ["core.E010"], "plain": [], "plain_hash": ["core.E011"], "lost_hash": ["core.E011"]}
