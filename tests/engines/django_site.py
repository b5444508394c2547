"""A Django project for the tests: Django takes its settings once in a process."""

from importlib.util import find_spec

import django
from django.apps import AppConfig
from django.conf import settings


class Keys(AppConfig):
    """The app of the tests' models."""

    name = "tests"
    label = "keys"


def configure() -> None:
    """The settings, for whichever test module comes first."""
    if settings.configured:
        return
    installed = ["admin", "auth", "contenttypes", "messages", "sessions"]
    settings.configure(
        SECRET_KEY="of a test",
        ALLOWED_HOSTS=["testserver"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            *(f"django.contrib.{name}" for name in installed),
            *(name for name in ("rest_framework",) if find_spec(name)),
            "tests.engines.django_site.Keys",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        ROOT_URLCONF="tests.engines.django_site",
        STATIC_URL="static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
    )
    django.setup()
