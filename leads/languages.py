from django.db import models


class Language(models.TextChoices):
    """What an owner is written to in."""

    ENGLISH = "en", "English"
    SPANISH = "es", "Spanish"
