"""The settings as mypy's Django plugin reads them: with development defaults and no engine started."""

import os

from local.environment import set_development_defaults

set_development_defaults()
os.environ.setdefault("DATABASE_URL", "postgres://typing@/typing")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1/0")

from config.settings import *  # noqa: E402, F403
