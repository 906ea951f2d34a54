"""Saved mappings: made by starting an import, used for the next list with the same columns, corrected in the admin."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from leads.models import ListImport, MappingProfile
from tests.admin_forms import form_values
from tests.factories import MarketFactory, ParishFactory, UserFactory

pytestmark = pytest.mark.django_db
ADD = reverse("admin:leads_listimport_add")
LIST = reverse("admin:leads_mappingprofile_changelist")
HEADER = "PIN,Owner Name,Deeded Acres,Remarks"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def parish():
    return ParishFactory(market__code="LA", market__name="Louisiana", name="East Baton Rouge")


def upload(client, parish, header=HEADER, source="tax_roll"):
    cells = {"PIN": "001", "Owner Name": "BOUDREAUX JEAN", "Deeded Acres": "2.5"}
    row = ",".join(cells.get(column, "x") for column in header.split(","))
    file = SimpleUploadedFile("roll.csv", f"{header}\n{row}\n".encode())
    client.post(ADD, {"parish": parish.pk, "source": source, "file": file})
    return ListImport.objects.latest("pk")


def mapping_page(list_import):
    return reverse("admin:leads_listimport_mapping", args=[list_import.pk])


def start(client, list_import, **chosen):
    columns = {"number": "PIN", "owner_name": "Owner Name", "ward": "Remarks"} | chosen
    client.post(mapping_page(list_import), columns | {"start": "1"})


def page_of(profile):
    return reverse("admin:leads_mappingprofile_change", args=[profile.pk])


def test_the_next_list_with_these_columns_takes_the_mapping_of_the_last(client, person, parish):
    user = person("manager")
    first = upload(client, parish)
    assert "These columns are new here" in client.get(mapping_page(first)).content.decode()
    start(client, first)

    profile = MappingProfile.objects.get()
    again = upload(client, parish, header="Remarks,PIN,Deeded Acres,Owner Name")

    assert (profile.saved_by, profile.mapping["ward"]) == (user, "Remarks")
    assert (again.mapping, again.mapping_profile) == (profile.mapping, profile)
    assert "acres" not in again.mapping
    assert f"tax roll of {profile.saved_on}" in client.get(mapping_page(again)).content.decode()
    assert MappingProfile.objects.get().uses == 1


def test_a_correction_becomes_the_mapping_of_the_next(client, person, parish):
    person("manager")
    start(client, upload(client, parish))
    start(client, upload(client, parish), ward="", subdivision="Remarks")

    profile = MappingProfile.objects.get()
    assert profile.mapping == {"number": "PIN", "owner_name": "Owner Name", "subdivision": "Remarks"}
    assert profile.history.count() == 2


def test_other_columns_sources_and_markets_are_mapped_afresh(client, person, parish):
    person("manager")
    start(client, upload(client, parish))
    elsewhere = ParishFactory(market=MarketFactory(code="WV"), name="Kanawha")

    assert upload(client, parish, header=f"{HEADER},More").mapping_profile is None
    assert upload(client, parish, source="adjudicated").mapping_profile is None
    assert upload(client, elsewhere).mapping_profile is None


def test_an_unfit_mapping_is_not_saved(client, person, parish):
    person("manager")
    start(client, upload(client, parish), owner_name="PIN")

    assert not MappingProfile.objects.exists()


def test_a_manager_corrects_and_deletes_a_saved_mapping(client, person, parish):
    person("manager")
    start(client, upload(client, parish))
    profile = MappingProfile.objects.get()
    page = client.get(page_of(profile))
    values = form_values(page) | {"column_of_ward": "", "column_of_acres": "Deeded Acres"}

    assert client.post(page_of(profile), values).status_code == 302

    profile.refresh_from_db()
    assert profile.mapping == {"number": "PIN", "owner_name": "Owner Name", "acres": "Deeded Acres"}
    client.post(reverse("admin:leads_mappingprofile_delete", args=[profile.pk]), {"post": "yes"})
    assert not MappingProfile.objects.exists()
    assert ListImport.objects.count() == 1


def test_a_saved_mapping_stays_fit(client, person, parish):
    person("manager")
    start(client, upload(client, parish))
    profile = MappingProfile.objects.get()
    values = form_values(client.get(page_of(profile))) | {"column_of_acres": "PIN"}

    assert "is used twice, for" in client.post(page_of(profile), values).content.decode()
    assert MappingProfile.objects.get().mapping == profile.mapping


def test_a_rep_looks_and_changes_nothing_and_an_outsider_sees_nothing(client, person, parish):
    person("manager")
    start(client, upload(client, parish))
    profile = MappingProfile.objects.get()
    person("rep")

    assert "Owner: Owner Name" in client.get(page_of(profile)).content.decode()
    assert client.post(page_of(profile), {}).status_code == 403
    assert client.post(reverse("admin:leads_mappingprofile_delete", args=[profile.pk])).status_code == 403
    client.force_login(UserFactory())
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    client, person, warmed, parish, count, django_assert_num_queries
):
    person("manager")
    for number in range(count):
        start(client, upload(client, parish, header=f"{HEADER},More {number}"))
    warmed(LIST)

    with django_assert_num_queries(7):
        client.get(LIST)
