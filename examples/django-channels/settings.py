"""A Django behind nginx that terminates TLS. No database: sessions are signed cookies."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

# Never in a file of the repository. A generated one signs everybody out at each
# start; in production, and with several processes, set it.
SECRET_KEY = os.environ.get("SECRET_KEY") or get_random_secret_key()
DEBUG = False

# Whatever is in front: Host is what a client wrote. nginx refuses what is not in
# the certificate; a name added to HOSTS or SITES must be added here too.
ALLOWED_HOSTS = ["localhost", ".localhost", "127.0.0.1", "[::1]"]

# Django sees plain HTTP. This header tells that it was https. To believe it is safe
# because nothing but nginx reaches this process, and nginx overwrites what a client
# sends. uvicorn reads it as well; this holds under other servers too.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Origins besides our own whose forms may POST here. Our own needs no entry, because
# nginx passes Host on with its port. ALLOWED_ORIGINS of the stack is nginx's list:
# a page of another origin must be in both.
CSRF_TRUSTED_ORIGINS: list[str] = []

SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
# Cookies are shared by all ports of localhost. With this prefix browsers take it
# over https alone, so that no other project's plain http page can set it.
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

# Of this process alone. A client that is 100 messages behind misses what follows.
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
