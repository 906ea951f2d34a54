from leads.models.archive import AnyEvent, ArchivedEvent, EventDay, EventRestore
from leads.models.feeds import ListFeed, ListFeedCheck
from leads.models.listed import ListedNumber, ListedSale
from leads.models.lists import ImportRow, ListImport
from leads.models.owners import DuplicatePair, Owner, OwnerMerge, OwnerPhone, PhoneNumber
from leads.models.parcels import Ownership, Parcel
from leads.models.pipeline import Event, Lead
from leads.models.profiles import MappingProfile, header_signature
from leads.models.rolls import RollChange
from leads.models.search import LeadSearch
from leads.models.stacking import ParcelList
from leads.models.tags import LeadTag, Tag

__all__ = [
    "AnyEvent",
    "ArchivedEvent",
    "DuplicatePair",
    "Event",
    "EventDay",
    "EventRestore",
    "ImportRow",
    "Lead",
    "LeadSearch",
    "LeadTag",
    "ListFeed",
    "ListFeedCheck",
    "ListImport",
    "ListedNumber",
    "ListedSale",
    "MappingProfile",
    "Owner",
    "OwnerMerge",
    "OwnerPhone",
    "Ownership",
    "Parcel",
    "ParcelList",
    "PhoneNumber",
    "RollChange",
    "Tag",
    "header_signature",
]
