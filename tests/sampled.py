"""Which bug models the tests plant: a few, at least as many as SIGNRULES_BUGS says, or all (SIGNRULES_BUGS=all)."""

import os
from collections.abc import Sequence
from typing import TypeVar

Model = TypeVar("Model")


def sampled(models: Sequence[Model], few: int) -> Sequence[Model]:
    """At least `few`, evenly spread."""
    wanted = os.environ.get("SIGNRULES_BUGS", "0")
    count = len(models) if wanted == "all" else max(few, int(wanted))
    return models[:: max(1, len(models) // count)]
