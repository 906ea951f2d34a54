from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person of the team; what they may do comes from their group (see config/roles.py)."""
