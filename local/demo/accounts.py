"""The demo's last word: where every row and every message went. What cannot be placed is named, and fails the demo."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from core.crypto import blind_index
from leads.models import Event, Lead, ListImport
from outreach.models import Message, ReplyLabel, Suppression, WebhookEvent


@dataclass
class Accounts:
    """Lines of a table, and what is wrong with them."""

    lines: list[tuple[str, str, int]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def count(self, subject: str, counts: dict[str, int] | Counter[str]) -> None:
        self.lines += [(subject, name, number) for name, number in counts.items()]

    def expect(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.problems.append(f"{what}: {found} instead of {wanted}")

    def table(self) -> str:
        width = max(len(subject) for subject, _, _ in self.lines)
        wide = max(len(name) for _, name, _ in self.lines)
        rows, before = [], ""
        for subject, name, number in self.lines:
            rows.append(f"{subject if subject != before else '':<{width}}  {name:<{wide}}  {number:>9,}")
            before = subject
        return "\n".join(rows)


def settle(rows_in_files: dict[str, int], log: dict[str, Any], queued: int) -> Accounts:
    """`rows_in_files`: file name -> data rows counted by another reader; `log`: the phone network's own account."""
    accounts = Accounts()
    _settle_rows(accounts, rows_in_files)
    accounts.count("leads by stage", {stage: n for stage, n in Lead.objects.by_stage().items() if n})
    _settle_texts(accounts, log, queued)
    _settle_replies(accounts, log)
    _settle_opt_outs(accounts, log)
    accounts.expect("events nobody has handled", Event.objects.filter(handled_at__isnull=True).count(), 0)
    return accounts


def _settle_rows(accounts: Accounts, rows_in_files: dict[str, int]) -> None:
    for name, rows in rows_in_files.items():
        done = ListImport.objects.get(filename=name)
        outcomes = {
            "created": done.rows_created,
            "updated": done.rows_updated,
            "unchanged": done.rows_unchanged,
            "rejected": done.rows_rejected,
        }
        accounts.count(f"rows of {name}", outcomes)
        accounts.expect(f"rows of {name}", sum(outcomes.values()), rows)
        accounts.expect(f"rejected rows of {name} with a reason", done.rows.rejected().count(), done.rows_rejected)


def _settle_texts(accounts: Accounts, log: dict[str, Any], queued: int) -> None:
    texts = Message.objects.filter(direction="out")
    accounts.count("texts by outcome", Counter(dict(_by(texts, "state"))))
    accounts.expect("texts without an outcome", texts.filter(state__in=["sending", "uncertain"]).count(), 0)
    accounts.expect("texts of the campaign", texts.filter(origin="campaign").count(), queued)
    accounts.expect("texts still waiting", texts.filter(state="queued").count(), 0)
    accepted = [message for message in log["messages"] if message["direction"] != "inbound"]
    handed_over = set(texts.filter(sid__isnull=False).values_list("sid", flat=True))
    accounts.expect("texts the phone network took", {message["sid"] for message in accepted}, handed_over)
    twice = [number for number, count in Counter(message["to"] for message in accepted).items() if count > 1]
    accounts.expect("people texted twice by one campaign", len(twice), 0)


def _settle_replies(accounts: Accounts, log: dict[str, Any]) -> None:
    replies = Message.objects.filter(direction="in")
    labels = ReplyLabel.objects.filter(current=True)
    accounts.count("replies by label", Counter(dict(_by(labels, "label"))))
    accounts.count("replies by tier", Counter(dict(_by(labels, "tier"))))
    waiting = replies.filter(needs_person=True)
    accounts.count("replies for a person", {"waiting, sending held": waiting.count()})
    sent = {message["sid"] for message in log["messages"] if message["direction"] == "inbound"}
    accounts.expect("replies", set(replies.values_list("sid", flat=True)), sent)
    undecided = replies.filter(processed_at__isnull=True, needs_person=False).count()
    accounts.expect("replies nobody has looked at", undecided, 0)
    accounts.expect("webhooks not processed", WebhookEvent.objects.filter(processed_at__isnull=True).count(), 0)


def _settle_opt_outs(accounts: Accounts, log: dict[str, Any]) -> None:
    stopped = {
        bytes(found) for found in Suppression.objects.filter(reason="opt_out").values_list("number_hash", flat=True)
    }
    accounts.count(
        "numbers suppressed", Counter(dict(_by(Suppression.objects.filter(lifted_at__isnull=True), "reason")))
    )
    stops = {
        blind_index(message.phone.number)
        for message in Message.objects.filter(direction="in", labels__label="opt_out", labels__current=True)
    }
    accounts.expect("opt-outs without a suppression", len(stops - stopped), 0)
    accounts.expect("queued texts to suppressed numbers", _queued_to(stopped), 0)


def _queued_to(stopped: set[bytes]) -> int:
    return Message.objects.filter(direction="out", state="queued", phone__number_hash__in=stopped).count()


def _by(queryset: Any, column: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = list(queryset.order_by(column).values_list(column).annotate(Count("pk")))
    return found
