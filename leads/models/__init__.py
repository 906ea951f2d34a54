from leads.models.lists import ImportRow, ListImport
from leads.models.owners import DuplicatePair, Owner, OwnerMerge, OwnerPhone, PhoneNumber
from leads.models.parcels import Ownership, Parcel
from leads.models.pipeline import Event, Lead
from leads.models.profiles import MappingProfile, header_signature
from leads.models.stacking import ParcelList

__all__ = [
    "DuplicatePair",
    "Event",
    "ImportRow",
    "Lead",
    "ListImport",
    "MappingProfile",
    "Owner",
    "OwnerMerge",
    "OwnerPhone",
    "Ownership",
    "Parcel",
    "ParcelList",
    "PhoneNumber",
    "header_signature",
]
