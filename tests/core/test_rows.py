from datetime import UTC, datetime

import pytest

from core.rows import write_columns
from outreach.models import Message
from tests.factories import MessageFactory, SenderNumberFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 14, 16, tzinfo=UTC)
NAMES = ["body", "error_code", "sender", "due_at", "segments"]


def test_each_row_gets_values_of_its_own(django_assert_num_queries):
    first, second, other = MessageFactory(body="as it was"), MessageFactory(), MessageFactory(body="as it was")
    first.body, first.error_code, first.sender = 'He said: "{no}" \\, and left\n', None, SenderNumberFactory()
    second.body, second.error_code, second.due_at, second.segments = "Señor 👍 'x'", 30007, NOW, 3

    with django_assert_num_queries(1):
        assert write_columns([first, second], NAMES) == 2

    for message in (first, second):
        stored = Message.objects.get(pk=message.pk)
        assert [getattr(stored, name) for name in NAMES] == [getattr(message, name) for name in NAMES]
    assert Message.objects.get(pk=other.pk).body == "as it was"


def test_nothing_is_asked_for_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert write_columns([], NAMES) == 0
