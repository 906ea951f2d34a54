"""Campaigns: draft, dry run, launch, what it does while it runs."""
