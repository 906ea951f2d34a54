"""What a list says that has nothing to show."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db
TEXTS, HOLIDAYS = "/admin/outreach/message/", "/admin/markets/holiday/"


def shown(client, url: str) -> str:
    return " ".join(client.get(url).content.decode().split())


def test_a_search_without_result_says_how_to_go_on(client, person) -> None:
    person("administrator")
    page = shown(client, TEXTS + "?q=nobody")
    assert "Nothing matches" in page
    assert "Search for other words (Owner, campaign, a whole phone number" in page
    assert ">Show all messages<" in page
    assert "Create a new item" not in page


def test_an_empty_list_offers_what_can_be_added_and_nothing_else(client, person) -> None:
    person("administrator")
    assert "Nothing here yet" in shown(client, TEXTS)
    assert ">Add message<" not in shown(client, TEXTS)
    assert ">Add holiday<" in shown(client, HOLIDAYS)
