from leads.models.lists import ImportRow, ListImport
from leads.models.owners import DuplicatePair, Owner, OwnerMerge, OwnerPhone, PhoneNumber
from leads.models.parcels import Ownership, Parcel
from leads.models.pipeline import Event, Lead

__all__ = [
    "DuplicatePair",
    "Event",
    "ImportRow",
    "Lead",
    "ListImport",
    "Owner",
    "OwnerMerge",
    "OwnerPhone",
    "Ownership",
    "Parcel",
    "PhoneNumber",
]
