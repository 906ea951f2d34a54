"""The settings; every difference between a laptop and production is an environment variable (see .env.example)."""

from __future__ import annotations

from pathlib import Path

import environ
from celery.schedules import crontab
from django.templatetags.static import static
from django.urls import reverse_lazy

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
PUBLIC_BASE_URL = env("PUBLIC_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.simple_history",
    "config.apps.LandAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "simple_history",
    "django_celery_beat",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "markets",
    "leads",
    "scoring",
    "outreach",
    "ops",
    "config.apps.CompositionConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "core.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Engines -------------------------------------------------------------------------------------------------------------
# Persistent connections: opening one per request costs 2.4-3.4x of the webhook's throughput.
DATABASES = {
    "default": env.db("DATABASE_URL") | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
}
# A page of fifty rows ends before parallel workers have started, and they would take the cores from other pages.
DATABASES["default"]["OPTIONS"] = {
    "options": "-c max_parallel_workers_per_gather=0",
    **DATABASES["default"].get("OPTIONS", {}),
}
REDIS_URL = env("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "outreach.tasks.clean_up_deleted_leads": {"queue": "imports"},  # the first that fits counts
    "outreach.tasks.*": {"queue": "outreach"},
    "leads.tasks.run_list_import": {"queue": "imports"},
    "leads.tasks.undo_list_import": {"queue": "imports"},
    "leads.tasks.check_list_feed": {"queue": "imports"},
    "leads.tasks.find_duplicates": {"queue": "imports"},
    "leads.tasks.archive_old_events": {"queue": "imports"},
    "leads.tasks.bring_events_back": {"queue": "imports"},
    "scoring.tasks.follow_list": {"queue": "imports"},
    "scoring.tasks.run_scoring": {"queue": "imports"},
}
CELERY_TASK_SERIALIZER = "json"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_DB_REUSE_MAX = 500
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.schedules:KeptScheduler"
# Celery is a hint to look; these sweeps are the certainty. The scheduler writes a row for each that has none; the row's
# times are changed in the admin.
CELERY_BEAT_SCHEDULE = {
    "send due messages": {"task": "outreach.tasks.send_due_messages", "schedule": 15.0},
    "advance campaigns": {"task": "outreach.tasks.advance_campaigns", "schedule": 30.0},
    "run dry runs": {"task": "outreach.tasks.run_dry_runs", "schedule": 60.0},
    "process stored webhooks": {"task": "outreach.tasks.process_webhooks", "schedule": 15.0},
    "label waiting replies": {"task": "outreach.tasks.label_waiting_replies", "schedule": 30.0},
    "reconcile with the provider": {"task": "outreach.tasks.reconcile_messages", "schedule": 300.0},
    "check breakers": {"task": "outreach.tasks.check_breakers", "schedule": 60.0},
    "fetch prices of texts": {"task": "outreach.tasks.fetch_prices", "schedule": 3600.0},
    "stop for former owners": {"task": "outreach.tasks.stop_for_former_owners", "schedule": 300.0},
    "deliver events": {"task": "config.tasks.deliver_events", "schedule": 60.0},
    "resume list imports": {"task": "leads.tasks.resume_list_imports", "schedule": 60.0},
    "check list feeds": {"task": "leads.tasks.check_list_feeds", "schedule": 60.0},
    "archive old events": {"task": "leads.tasks.archive_old_events", "schedule": crontab(hour="8", minute="30")},  # UTC
    "clean up deleted leads": {
        "task": "outreach.tasks.clean_up_deleted_leads",
        "schedule": crontab(hour="8", minute="0"),  # UTC
    },
    "forget old answers": {"task": "outreach.tasks.forget_old_answers", "schedule": crontab(hour="8", minute="45")},
    "score waiting leads": {"task": "scoring.tasks.score_waiting_leads", "schedule": 10.0},
    "resume scoring runs": {"task": "scoring.tasks.resume_scoring_runs", "schedule": 60.0},
    "score every market": {"task": "scoring.tasks.score_markets_at_night", "schedule": crontab(hour="9", minute="30")},
    "bring archived events back": {"task": "leads.tasks.bring_events_back", "schedule": 300.0},
}

# Outside world -------------------------------------------------------------------------------------------------------
# Safe by default: nothing leaves this machine without credentials and an explicit live switch.
LIVE_SENDING = env.bool("LIVE_SENDING", default=False)
TWILIO_ACCOUNT_SID = env("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env("TWILIO_AUTH_TOKEN", default="")
TWILIO_BASE_URL = env("TWILIO_BASE_URL", default="")  # empty: Twilio itself
TWILIO_TIMEOUT = env.float("TWILIO_TIMEOUT", default=10.0)
OPENAI_API_KEY = env("OPENAI_API_KEY", default="")  # empty: the LLM tier is off
OPENAI_BASE_URL = env("OPENAI_BASE_URL", default="")  # empty: OpenAI itself
OPENAI_MODEL = env("OPENAI_MODEL", default="gpt-4o-mini")  # at first; then set under “How replies are read”
OPENAI_TIMEOUT = env.float("OPENAI_TIMEOUT", default=15.0)

# Pages ---------------------------------------------------------------------------------------------------------------
INBOX_REFRESH_SECONDS = env.float("INBOX_REFRESH_SECONDS", default=2.0)  # how often an open inbox asks for news

# Personal data -------------------------------------------------------------------------------------------------------
FIELD_KEYS = env.list("FIELD_KEYS", default=[])  # "id:base64 of 32 bytes"; the first encrypts, all decrypt
FIELD_HASH_KEY = env("FIELD_HASH_KEY", default="")

# Files ---------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))()
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / ".local" / "media"))()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=512 * 1024 * 1024)
IMPORT_WORKBOOK_MEMORY = env.int("IMPORT_WORKBOOK_MEMORY", default=2 * 1024 * 1024 * 1024)
IMPORT_FEED_ROOT = env("IMPORT_FEED_ROOT", default="")  # folders of list feeds lie below it; empty: no folders
IMPORT_FEED_CA_FILE = env("IMPORT_FEED_CA_FILE", default="")  # trusted by list feeds in place of the system's
IMPORT_FEED_PRIVATE_ADDRESSES = env.bool("IMPORT_FEED_PRIVATE_ADDRESSES", default=False)
FILE_UPLOAD_PERMISSIONS = 0o600

# Language, time, log-in ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/Chicago"
USE_I18N = False
USE_TZ = True
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Security: plain http only on a development machine ------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not DEBUG
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.ModelPermissions"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "LA Land Wholesale API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        **{name: {"level": "WARNING"} for name in ("celery.worker.strategy", "httpx", "twilio.http_client")},
    },
}

UNFOLD = {
    "SITE_TITLE": "LA Land Wholesale",
    "SITE_HEADER": "LA Land Wholesale",
    "SITE_SYMBOL": "landscape",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("images/favicon.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "core.admin.environment_badge",
    "DASHBOARD_CALLBACK": "config.home.add_home_context",
    "STYLES": [lambda request: static("css/admin.css")],
    "COLORS": {
        "primary": {
            "50": "240 253 244",
            "100": "220 252 231",
            "200": "187 247 208",
            "300": "134 239 172",
            "400": "74 222 128",
            "500": "34 154 84",
            "600": "22 128 68",
            "700": "21 104 58",
            "800": "22 83 49",
            "900": "20 68 42",
            "950": "5 46 22",
        }
    },
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "config.navigation.sidebar"},
}
