"""Near misses against a gateway: which rule does it get wrong? Everything is derived from the table."""

# docs/design.md#the-modules-of-the-fuzzer is a map of the modules.

from ._case import Case, Observation
from ._cases import cases
from ._diagnosis import Choice, Diagnosis, Finding, diagnose
from ._flags import FLAGS
from ._follow_up import follow_up
from ._learn import Verdict, learn
from ._learnt import Difference, Learned
from ._wire_readers import WireReading

__all__ = [
    "FLAGS",
    "Case",
    "Choice",
    "Diagnosis",
    "Difference",
    "Finding",
    "Learned",
    "Observation",
    "Verdict",
    "WireReading",
    "cases",
    "diagnose",
    "follow_up",
    "learn",
]
