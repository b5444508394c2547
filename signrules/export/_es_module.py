"""The rules as an ES module without dependencies, and its types.

The code is in module.js (values and bodies), attach.js (forms) and standard_schema.js (form libraries). The types are
in module.d.ts.
"""

import json
from typing import Any, get_args

from .._check import Progress
from .._generate import LONGEST_DEFAULT, PORTABLE, Alphabet
from .._request import FORBIDDEN, NOT_AN_OBJECT, OUTSIDE, missing, not_a_string
from .._request import unknown as unknown_member
from .._requirement import MASK, MASKED, Requirement, every_requirement
from .._rule import Rule
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._violation import Code
from .._vocabulary import ENUMERATIONS, FIELDS, FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES, TYPES_WITH_ALGORITHM
from ._json_schema import SCHEMA_DIALECT, body_schema, value_schema
from .assets import filled


def es_module() -> str:
    """The text of `signrules.js`: `check`, `isValid`, `progress`, `generate`, `entropyBits`, `checkRequest`,
    `requestBody`, `attach`, `requestSchema` and `fieldSchema`, for browsers and Node.

    The verbs, codes, messages and positions (in code points) are those of Python; `attach(form)` adds live feedback.
    `requestSchema` and `fieldSchema(field, question)` are Standard Schemas, which form libraries take.
    """
    return f"{es_module_without_schemas()}\n{filled(__package__, 'standard_schema.js', **_schemas())}"


def es_module_without_schemas() -> str:
    """The same without the schemas, for the page of `form`: it uses no form library."""
    rows = "".join(f"  {json.dumps(_row(requirement))},\n" for requirement in every_requirement())
    words = "".join(f"  {word}: {json.dumps(value)},\n" for word, value in _words().items())
    module = filled(__package__, "module.js", ROWS=f"[\n{rows}]", WORDS=f"{{\n{words}}}")
    return f"{module}\n{filled(__package__, 'attach.js')}"


def es_module_types() -> str:
    """The text of `signrules.d.ts`, the types of `es_module` for TypeScript."""
    return filled(
        __package__,
        "module.d.ts",
        FIELDS=_union(FIELDS),
        SIGN_TYPES=_union(SIGN_TYPES),
        SIGN_ALGORITHMS=_union(SIGN_ALGORITHMS),
        CODES=_union(get_args(Code)),
        PROGRESS=_union(get_args(Progress)),
        ALPHABETS=_union(get_args(Alphabet)),
        DEFAULT_SIGN_TYPE=DEFAULT_SIGN_TYPE,
        LONGEST_DEFAULT=str(LONGEST_DEFAULT),
    )


def _union(words: tuple[str, ...]) -> str:
    return " | ".join(map(json.dumps, words))


def _row(requirement: Requirement) -> dict[str, Any]:
    """One row of the table; or all the rows of a key without an algorithm, which differ in their lengths alone."""
    rule, *others = requirement.rules
    row: dict[str, Any] = {"field": rule.field}
    if rule.sign_type:
        row["sign_type"] = rule.sign_type
    if rule.sign_algorithm:
        row["sign_algorithm"] = None if others else rule.sign_algorithm
    return {
        **row,
        "lengths": [(each.min_length, each.max_length) for each in requirement.rules],
        "charset": rule.charset,
        "first": rule.first,
        "messages": {
            "length": requirement.length.message,
            "charset": requirement.charset_message,
            "first": requirement.first.message,
        },
    }


def _schemas() -> dict[str, str]:
    """The JSON Schemas as JavaScript. The schema of the body names those of the values by their rows: they are long."""
    values = [json.dumps(_value_schema(*requirement.rules)) for requirement in every_requirement()]
    body = json.dumps(body_schema())
    for place, schema in enumerate(values):
        body = body.replace(schema, f"VALUE_SCHEMAS[{place}]")
    return {
        "VALUE_SCHEMAS": "[\n" + "".join(f"  {schema},\n" for schema in values) + "]",
        "BODY_SCHEMA": body,
        "DIALECT": json.dumps(SCHEMA_DIALECT),
    }


def _value_schema(rule: Rule, *others: Rule) -> dict[str, Any]:
    """The schema of a row; or of all the rows of a key without an algorithm."""
    return value_schema(rule.field, rule.sign_type or DEFAULT_SIGN_TYPE, None if others else rule.sign_algorithm)


def _words() -> dict[str, Any]:
    """What the module knows besides the rows."""
    return {
        "FIELDS": FIELDS,
        "FIELDS_BY_TYPE": FIELDS_BY_TYPE,
        "TYPES_WITH_ALGORITHM": TYPES_WITH_ALGORITHM,
        "MEMBERS": MEMBERS,
        "MANDATORY": MANDATORY,
        "DEFAULT_SIGN_TYPE": DEFAULT_SIGN_TYPE,
        "ENUMERATIONS": ENUMERATIONS,
        "MASK": MASK,
        "MASKED": MASKED,
        "PORTABLE": PORTABLE,
        "LONGEST_DEFAULT": LONGEST_DEFAULT,
        "MESSAGES": {
            "object": NOT_AN_OBJECT.message,
            "missing": missing("").message,
            "string": not_a_string("").message,
            "member": unknown_member("").message,
            "forbidden": FORBIDDEN.message,
            **{member: violation.message for member, violation in OUTSIDE.items()},
        },
    }
