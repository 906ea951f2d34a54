"""The leads pages of the admin, a module per page."""

from leads.admin import archive, duplicates, events, feeds, imports, leads, owners, parcels, phones, profiles  # noqa: F401
