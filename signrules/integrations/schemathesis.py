"""schemathesis: bodies that find what a gateway gets wrong about signature keys, and the check that sees it.

    SCHEMATHESIS_HOOKS=signrules.integrations.schemathesis schemathesis run --continue-on-failure …

For pytest, import it beside the schema. Importing is the opt-in; there is nothing to call. Only the operations that
create or change a signature key are touched: POST and PUT of paths that end like the page's.
"""

import json
import re
from functools import cache
from typing import Any, Final

import schemathesis
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis.core.failures import Failure
from schemathesis.generation.hypothesis.examples import generate_one
from schemathesis.generation.meta import TestPhase
from schemathesis.generation.overrides import with_config_headers

from .._request import FIELDS_BY_TYPE, check_request
from .._rule import Rule
from .._table import DEFAULT_SIGN_TYPE, MEMBERS, PATH, RULES
from ..fuzz import cases
from ..fuzz._silent import breaks_no_rule, result_of
from ..strategies import near_misses, requests, values

_Case = schemathesis.Case[Any]

# What comes before differs between documents; behind it, there may be the id of a key.
_SIGNS: Final = re.compile(re.sub(r"\{\w+\}", "[^/]+", PATH.partition("}")[2]) + "(/[^/]+)?/?$")
_NAME_EXISTS: Final = "APIG.3207"
_PARAMETER: Final = re.compile(r"parameterName:(\w+)")


class WrongVerdict(Failure):
    """A wrong body is accepted, or a right one refused. It is reported once for each member, type and code."""

    @property
    def _unique_key(self) -> str:
        return self.title


def before_add_examples(context: Any, examples: list[_Case]) -> None:
    """All of `cases("quick")`, before everything else."""
    operation = context.operation
    given = with_config_headers(operation.schema.config, operation=operation).as_strategy_kwargs()
    one = generate_one(operation.as_strategy(phase=TestPhase.EXAMPLES, **given))
    # The last one of the list is sent first.
    examples += [_with_body(one, case.body) for case in reversed([*cases("quick")])]


def flatmap_case(_: Any, case: _Case) -> SearchStrategy[_Case]:
    """Of the bodies that are drawn, most are ours."""
    if case.meta is None or case.meta.phase.name is not TestPhase.FUZZING:
        return st.just(case)
    return st.one_of(st.just(case), _bodies().map(lambda body: _with_body(case, body)))


@schemathesis.check
def signature_key_rules(_: schemathesis.CheckContext, response: schemathesis.Response, case: _Case) -> None:
    """A wrong body is refused, and a right one is not; where the page is silent, either is right."""
    accepted = _accepted(response) if _creates_a_key(case) else None
    content: Any = response.request.body or b""
    try:
        body = json.loads(content)
    except ValueError:
        return
    wrong = [violation for violation in check_request(body) if not breaks_no_rule(body, violation)]
    words = "\n".join([*(f"{v.field or 'body'} {v.message}" for v in wrong), _comments().get(content, "")])
    if accepted and wrong:
        what = wrong[0].field or "body"
        of_type = f" of {body.get('sign_type', DEFAULT_SIGN_TYPE)}" if what in FIELDS_BY_TYPE else ""
        title = f"A wrong {what}{of_type} is accepted ({wrong[0].code})"
        raise WrongVerdict(operation=case.operation.label, title=title, message=words)
    # The headers and parameters beside a body of schemathesis' own may be what is refused.
    if accepted is False and case.meta is None and result_of(body) == "valid":
        title = f"A right body is refused that has {', '.join(body)}"
        raise WrongVerdict(operation=case.operation.label, title=title, message=words)


def _creates_a_key(context: Any) -> bool:
    operation = context.operation
    return operation.method.upper() in ("POST", "PUT") and _SIGNS.search(operation.path) is not None


def _with_body(case: _Case, body: Any) -> _Case:
    derived = case.derive(keep_auth=True)
    derived.body, derived.media_type = body, "application/json"
    # Without it, no check compares the answer with the document, which may know less of the rules.
    derived._meta = None
    return derived


@cache
def _bodies() -> SearchStrategy[Any]:
    ready = st.sampled_from([case.body for case in cases("full")])
    return st.one_of(ready, requests(), st.sampled_from(RULES).flatmap(_near_misses))


def _near_misses(rule: Rule) -> SearchStrategy[Any]:
    kind: Any = {"sign_type": rule.sign_type or DEFAULT_SIGN_TYPE, "sign_algorithm": rule.sign_algorithm}
    given = {member: st.just(word) for member, word in kind.items() if word}
    wrong = near_misses(rule.field, **kind).map(lambda pair: pair[0])
    return st.fixed_dictionaries({"name": values("name"), **given, rule.field: wrong})


@cache
def _comments() -> dict[bytes, str]:
    return {case.wire: f"{case.id}, {case.comment}" for case in cases("full")}


def _accepted(response: schemathesis.Response) -> bool | None:
    """Whether the body is accepted; `None` if the answer is about something else."""
    if response.status_code // 100 == 2 or _NAME_EXISTS in response.text:
        return True
    parameter = _PARAMETER.search(response.text)
    is_of_body = parameter is None or parameter[1] in (*MEMBERS, "body")
    return False if response.status_code == 400 and is_of_body else None


_filtered: Any = schemathesis.hook  # its type has no apply_to
for _hook in before_add_examples, flatmap_case:
    _filtered.apply_to(_creates_a_key)(_hook)
