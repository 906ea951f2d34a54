from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q

from leads.models import Ownership
from leads.stages import ENDED


def of_former_owner() -> Q:
    """Texts and calls to somebody whose lead is another's now, or was closed as the land is."""
    present = Ownership.objects.current().filter(parcel=OuterRef("lead__parcel")).order_by()
    sold = Exists(present) & ~Exists(present.filter(owner=OuterRef("owner")))
    return ~Q(lead__owner=F("owner")) | (Q(lead__stage__in=ENDED) & sold)
