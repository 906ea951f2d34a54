"""What a development machine runs with when neither the environment nor `.env` says otherwise.

The keys below are public on purpose: they protect demo data only, and a system check refuses them where DEBUG is off.
"""

from __future__ import annotations

import atexit
import os
from pathlib import Path

from local.engines import Postgres, Valkey, engine_root

PROJECT_DIR = Path(__file__).resolve().parent.parent
PORTS = {"WEB_PORT": 8000, "VALKEY_PORT": 6399, "TWILIO_SIM_PORT": 8010, "OPENAI_SIM_PORT": 8020}


def local_dir() -> Path:
    return Path(os.environ.get("LOCAL_DIR", PROJECT_DIR / ".local")).resolve()


def port(variable: str) -> int:
    return int(os.environ.get(variable, PORTS[variable]))


def set_development_defaults() -> None:
    """Fills in `os.environ`; whatever is set there or in `.env` wins."""
    import environ

    environ.Env.read_env(PROJECT_DIR / ".env")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if os.environ.get("DEBUG", "1").lower() not in {"1", "true", "yes", "on"}:
        return
    web = f"http://127.0.0.1:{port('WEB_PORT')}"
    defaults = {
        "DEBUG": "1",
        "SECRET_KEY": "development-only-key-that-protects-nothing-outside-this-machine",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "PUBLIC_BASE_URL": web,
        "FIELD_KEYS": "1:ZGV2ZWxvcG1lbnQta2V5LW5vdC1zZWNyZXQtMDAwMDE=",
        "FIELD_HASH_KEY": "ZGV2ZWxvcG1lbnQtaGFzaC1rZXktbm90LXNlY3JldDE=",
        "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
        "TWILIO_AUTH_TOKEN": "simulated-auth-token",
        "TWILIO_BASE_URL": f"http://127.0.0.1:{port('TWILIO_SIM_PORT')}",
        "OPENAI_API_KEY": "sk-simulated",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{port('OPENAI_SIM_PORT')}/v1",
        "LIVE_SENDING": "1",  # to the simulator: TWILIO_BASE_URL above
        "MEDIA_ROOT": str(local_dir() / "media"),
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def name_engines() -> None:
    """For commands that speak to none: the settings want addresses, nobody goes there."""
    os.environ.setdefault("DATABASE_URL", Postgres(engine_root(local_dir())).url())
    os.environ.setdefault("REDIS_URL", f"redis://127.0.0.1:{port('VALKEY_PORT')}/0")


def ensure_engines() -> None:
    """Names the embedded engines in the environment and starts those that are down, until this process ends."""
    root = engine_root(local_dir())
    if not os.environ.get("DATABASE_URL"):
        postgres = Postgres(root)
        os.environ["DATABASE_URL"] = postgres.url()
        if not postgres.is_up():
            postgres.start()
            atexit.register(postgres.stop)
            postgres.create_database("lalw")
    if not os.environ.get("REDIS_URL"):
        valkey = Valkey(root, port("VALKEY_PORT"))
        os.environ["REDIS_URL"] = valkey.url
        if not valkey.is_up():
            valkey.start()
            atexit.register(valkey.stop)
