from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from leads.models.pipeline import Lead


class LeadSearch(models.Model):
    """What a lead is found by: owner, parcel number and situs in one text, in upper case.

    The database writes it (`leads_search_text` and its triggers, in the migration that made this table), whoever adds
    or changes a lead, owner or parcel and however. It is a table of its own because a lead's row is written anew with
    each score, and each time the index over the text would have to be written with it.
    """

    lead = models.OneToOneField(
        Lead,
        on_delete=models.DO_NOTHING,  # a trigger deletes it with the lead
        primary_key=True,
        db_constraint=False,  # it would be checked row by row for every list
        related_name="search",
    )
    text = models.TextField(editable=False, help_text="Upper case, single spaces, one in front of each word.")

    class Meta:
        indexes = [GinIndex(name="lead_search_text", fields=["text"], opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.text.strip()
