"""Addresses of the admin that nobody's link leads to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

pytestmark = pytest.mark.django_db


def addresses(record: str) -> Iterator[str]:
    for model in admin.site._registry:
        for page in ("change", "history", "delete"):
            try:
                yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[record])
            except NoReverseMatch:
                continue


@pytest.mark.parametrize("record", ["abc", "9" * 30, "SM\0", "²"])
def test_what_is_no_number_of_a_record_is_not_found_on_any_page(client, person, record: str) -> None:
    person("administrator")
    answers = {address: client.get(address).status_code for address in addresses(record)}
    assert len(answers) > 60
    assert {address: status for address, status in answers.items() if status != 404} == {}
