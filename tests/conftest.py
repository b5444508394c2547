"""Hypothesis profiles by HYPOTHESIS_PROFILE: few examples, always the same; `ci`: more; `thorough`: many new ones."""

import os

from hypothesis import HealthCheck, settings

from .stand_in import app, client, stand_in
from .terminal import run

__all__ = ["app", "client", "run", "stand_in"]

shared = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("default", shared, derandomize=True, max_examples=25)
settings.register_profile("ci", shared, derandomize=True, max_examples=100)
settings.register_profile("thorough", shared, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
