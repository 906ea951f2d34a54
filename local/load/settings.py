"""The product's settings as in production, apart from https, with a page beside the product's that only checks who
signed."""

from config.settings import *  # noqa: F403

DEBUG = False
SECURE_SSL_REDIRECT = False
ROOT_URLCONF = "local.load.urls"
