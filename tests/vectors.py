"""The corpus as its readers see it."""

from typing import Any

from signrules.fuzz._cases import TextProfile

PROFILES: tuple[TextProfile, ...] = ("quick", "full")


def vectors(document: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each test, with its group."""
    return [(group, test) for group in document["testGroups"] for test in group["tests"]]
