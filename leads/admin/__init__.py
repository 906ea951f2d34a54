from leads.admin import imports  # noqa: F401
