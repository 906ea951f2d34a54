"""The chaos test: workers, broker and database die at random moments while a provider that loses a tenth of everything
carries a campaign and people answer it. Afterwards every message must have exactly one outcome.

`python -m local.chaos --seeds 3 --messages 500`. Each seed is a process of its own (`play.py`) on engines of its own.
"""
