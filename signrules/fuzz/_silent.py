"""Where the page is silent: a body may break decisions of ours (docs/decisions.md) and no rule of the page.

A gateway may then accept it or refuse it.
"""

from collections.abc import Mapping
from typing import Any

from .._request import check_request
from .._table import MANDATORY, MEMBERS
from .._violation import Violation
from .._vocabulary import TYPES_WITH_ALGORITHM
from ._case import Result


def result_of(body: Any) -> Result:
    """What a gateway must make of a body: accept it, refuse it, or either."""
    violations = check_request(body)
    if violations:
        return "acceptable" if all(breaks_no_rule(body, violation) for violation in violations) else "invalid"
    return "acceptable" if _lacks_algorithm(body) else "valid"


def breaks_no_rule(body: Any, violation: Violation) -> bool:
    """Whether it breaks one of our decisions but no rule of the page.

    So do `null` or `""` for an optional member, an algorithm with a type that has none, and an unknown member.
    """
    if violation.field not in MEMBERS:
        return violation.code == "unknown"
    if violation.code == "forbidden":
        return True
    return violation.field not in MANDATORY and body[violation.field] in (None, "")


def _lacks_algorithm(body: Mapping[str, Any]) -> bool:
    """Whether the body has a key, but not the algorithm on which the length of the key depends."""
    return body.get("sign_type") in TYPES_WITH_ALGORITHM and "sign_key" in body and "sign_algorithm" not in body
