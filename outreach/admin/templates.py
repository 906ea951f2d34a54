"""Wordings, with a preview for a real lead."""
