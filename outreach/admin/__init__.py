"""The outreach pages of the admin, a module per page."""

from outreach.admin import (  # noqa: F401
    accuracy,
    breakers,
    calls,
    campaigns,
    consents,
    inbox,
    letters,
    lookups,
    messages,
    reading,
    senders,
    suppressions,
    templates,
    webhooks,
)
