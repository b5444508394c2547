"""schemathesis: bodies that make a gateway's mistakes about signature keys show, and the check that reports them.

    SCHEMATHESIS_HOOKS=signrules.integrations.schemathesis schemathesis run --continue-on-failure …

For pytest, import it beside the schema. Importing is the opt-in; there is nothing to call. Only the operations that
create or change a signature key are touched: POST and PUT of paths that end like the page's.

A run that learns nothing fails: an answer that neither accepts nor refuses a body is a failure, and so is a run in
which no right body was accepted.
"""

import json
import re
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import schemathesis
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.hypothesis.examples import generate_one
from schemathesis.generation.meta import TestPhase
from schemathesis.generation.overrides import with_config_headers

from .._endpoint import (
    AUTHENTICATION_HEADER,
    NAME_EXISTS,
    NO_SUCH_KEY,
    PATH,
    REFUSALS,
    TYPE_NOT_SUPPORTED,
    named_parameter,
)
from .._request import check_request
from .._rule import Rule
from .._table import DEFAULT_SIGN_TYPE, MEMBERS, RULES
from .._vocabulary import FIELDS_BY_TYPE, Kind
from ..fuzz import cases
from ..fuzz._silent import breaks_no_rule, result_of
from ..strategies import near_misses, requests, values

_Case = schemathesis.Case[Any]

# The part of a path before this differs between documents. The id of a key may follow.
_SIGNS: Final = re.compile(re.sub(r"\{\w+\}", "[^/]+", PATH.partition("}")[2]) + "(/[^/]+)?/?$")
# These refusals are about a type that this gateway does not have, and about the id in the path.
_NOT_OF_THE_RULES: Final = (TYPE_NOT_SUPPORTED.code, NO_SUCH_KEY.code)
_MESSAGES: Final = {refusal.code: refusal.words for refusal in (*REFUSALS, NO_SUCH_KEY)}
_REFUSED: Final = (400, 422)

_ADVICE: Final = (
    "Then nothing is known of the rules. Is the URL right, and are project_id and instance_id those of a gateway? Is "
    f"there a header {AUTHENTICATION_HEADER}, with a token that may create keys? Is there room for more keys?"
)

# The addresses of the gateways that were asked in this run, and of those that have accepted a right body.
_ASKED: Final[set[str]] = set()
_ACCEPTING: Final[set[str]] = set()


class WrongVerdict(Failure):
    """A wrong body is accepted, or a right one is refused. That is reported once for each member, type and code."""

    @property
    def _unique_key(self) -> str:
        return self.title


class NoVerdict(Failure):
    """An answer, or all answers together, tell nothing of the rules. That is reported once for each reason."""

    @property
    def _unique_key(self) -> str:
        return self.title


def before_add_examples(context: Any, examples: list[_Case]) -> None:
    """Adds all of `cases("quick")`, which are sent before everything else."""
    operation = context.operation
    given = with_config_headers(operation.schema.config, operation=operation).as_strategy_kwargs()
    one = generate_one(operation.as_strategy(phase=TestPhase.EXAMPLES, **given))
    # The last one of the list is sent first.
    examples += [_with_body(one, case.body) for case in reversed([*cases("quick")])]


def flatmap_case(_: Any, case: _Case) -> SearchStrategy[_Case]:
    """Replaces most of the bodies that are drawn by ours."""
    if case.meta is None or case.meta.phase.name is not TestPhase.FUZZING:
        return st.just(case)
    beside = [part for place, part in case.meta.components.items() if place is not ParameterLocation.BODY]
    if any(part.mode.is_negative for part in beside):
        return st.just(case)  # a refusal might be about another part of the request
    return st.one_of(st.just(case), _bodies().map(lambda body: _with_body(case, body)))


@schemathesis.check
def signature_key_rules(_: schemathesis.CheckContext, response: schemathesis.Response, case: _Case) -> None:
    """A gateway must refuse a wrong body and accept a right one. Where the page is silent, it may do either.

    An answer that does neither fails as well, unless schemathesis itself has made the request, which may be the cause.
    """
    if not _creates_a_key(case):
        return
    gateway = urlsplit(str(response.request.url)).netloc
    _ASKED.add(gateway)
    answer = _answer(case, response)
    if answer.accepted is None and case.meta is None and answer.code not in _NOT_OF_THE_RULES:
        title = f"An answer tells nothing: {answer.words}"
        raise NoVerdict(operation=case.operation.label, title=title, message=_ADVICE)
    content: Any = response.request.body or b""
    try:
        body = json.loads(content)
    except ValueError:
        return
    wrong = [violation for violation in check_request(body) if not breaks_no_rule(body, violation)]
    words = "\n".join([*(f"{v.field or 'body'} {v.message}" for v in wrong), _comments().get(content, "")])
    if answer.accepted and wrong:
        what = wrong[0].field or "body"
        of_type = f" of {body.get('sign_type', DEFAULT_SIGN_TYPE)}" if what in FIELDS_BY_TYPE else ""
        title = f"A wrong {what}{of_type} is accepted ({wrong[0].code})"
        raise WrongVerdict(operation=case.operation.label, title=title, message=words)
    if result_of(body) != "valid":
        return
    if answer.accepted:
        _ACCEPTING.add(gateway)
    # If schemathesis itself has made the request, its headers or parameters may be refused and not the body.
    elif answer.accepted is False and case.meta is None:
        title = f"A right body is refused that has {', '.join(body)}"
        raise WrongVerdict(operation=case.operation.label, title=title, message=words)


@schemathesis.check
class signature_key_rules_were_asked:  # noqa: N801  it is named like the check, in options and reports
    """Each gateway that was asked must accept a right body, so that its refusals mean something."""

    def after_run(self, _: schemathesis.CheckContext) -> None:
        """At the end of a run, schemathesis calls this, and so does its plug-in for pytest."""
        silent = _ASKED - _ACCEPTING
        _ASKED.clear()
        _ACCEPTING.clear()
        if silent:
            raise NoVerdict(operation=None, title="No right body was accepted in the whole run", message=_ADVICE)


def _creates_a_key(context: Any) -> bool:
    operation = context.operation
    return operation.method.upper() in ("POST", "PUT") and _SIGNS.search(operation.path) is not None


def _with_body(case: _Case, body: Any) -> _Case:
    derived = case.derive(keep_auth=True)
    derived.body, derived.media_type = body, "application/json"
    # Without `_meta`, no check compares the answer with the document, which may know less of the rules.
    derived._meta = None
    return derived


@cache
def _bodies() -> SearchStrategy[Any]:
    ready = st.sampled_from([case.body for case in cases("full")])
    return st.one_of(ready, requests(), st.sampled_from(RULES).flatmap(_near_misses))


def _near_misses(rule: Rule) -> SearchStrategy[Any]:
    kind = Kind(rule.sign_type or DEFAULT_SIGN_TYPE, rule.sign_algorithm)
    members = {member: st.just(word) for member, word in kind.members.items()}
    wrong = near_misses(rule.field, **kind._asdict()).map(lambda pair: pair[0])
    return st.fixed_dictionaries({"name": values("name"), **members, rule.field: wrong})


@cache
def _comments() -> dict[bytes, str]:
    return {case.wire: f"{case.id}, {case.comment}" for case in cases("full")}


class _Answer(NamedTuple):
    """What an answer says. `accepted` is `None` if it does not say whether the body is accepted."""

    accepted: bool | None
    code: str
    words: str


def _answer(case: _Case, response: schemathesis.Response) -> _Answer:
    try:
        content = json.loads(response.text)
    except (ValueError, RecursionError):
        content = None
    given = content.get("error_code") if isinstance(content, dict) else None
    code = given if isinstance(given, str) and given in _MESSAGES else ""
    words = f"{response.status_code}{code and ', '}{_MESSAGES.get(code, '')}"
    if not isinstance(content, dict):
        return _Answer(None, code, f"{words} without a JSON object")
    if response.request.method != case.method.upper():
        return _Answer(None, code, f"{words} behind a redirection")
    if response.status_code // 100 == 2 or code == NAME_EXISTS.code:
        return _Answer(accepted=True, code=code, words=words)
    is_of_body = named_parameter(response.text) in (None, *MEMBERS, "body")
    return _Answer(False if response.status_code in _REFUSED and is_of_body else None, code, words)


_filtered: Any = schemathesis.hook  # its type has no apply_to
for _hook in before_add_examples, flatmap_case:
    _filtered.apply_to(_creates_a_key)(_hook)
