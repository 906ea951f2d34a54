"""Markets, contact rules, holidays and emergency holds: what a manager changes while everything runs."""

from markets.admin import contact_rules, emergency_holds, markets

__all__ = ["contact_rules", "emergency_holds", "markets"]
