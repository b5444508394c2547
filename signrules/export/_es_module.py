"""The rules as an ES module without dependencies, and its types. The code is in module.js and module.d.ts."""

import json
from typing import Any, get_args

from .._check import JUDGES, MASK, MASKED, Progress
from .._generate import LONGEST_DEFAULT, PORTABLE, Alphabet
from .._request import FORBIDDEN, NOT_AN_OBJECT, OUTSIDE, missing, not_a_string
from .._request import unknown as unknown_member
from .._table import DEFAULT_SIGN_TYPE, MANDATORY, MEMBERS
from .._violation import Code
from .._vocabulary import FIELDS, FIELDS_BY_TYPE, SIGN_ALGORITHMS, SIGN_TYPES, TYPES_WITH_ALGORITHM


def es_module() -> str:
    """The text of `signrules.js`: `check`, `isValid`, `progress`, `generate`, `entropyBits`, `checkRequest`,
    `requestBody` and `attach`, for browsers and Node.

    The verbs, codes, messages and positions (in code points) are those of Python; `attach(form)` adds live feedback.
    """
    return filled("module.js", TABLE=json.dumps(_table()))


def es_module_types() -> str:
    """The text of `signrules.d.ts`, the types of `es_module` for TypeScript."""
    return filled(
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


def filled(file: str, **parts: str) -> str:
    """The file of this package, each `__PART__` in it replaced."""
    from importlib.resources import files  # which can also read it from a zip; heavy

    text = files(__package__).joinpath(file).read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"__{name}__", part)
    return text


def _union(words: tuple[str, ...]) -> str:
    return " | ".join(map(json.dumps, words))


def _table() -> dict[str, Any]:
    """All that the module knows. Sets and rows are named by their index, since many questions share them."""
    rows = list(dict.fromkeys(JUDGES.values()))
    sets = list(
        dict.fromkeys(
            pair
            for judge in rows
            for pair in ((judge.rules[0].charset, judge.charset_message), (judge.rules[0].first, judge.first.message))
        )
    )
    return {
        "FIELDS": FIELDS,
        "FIELDS_BY_TYPE": FIELDS_BY_TYPE,
        "SIGN_TYPES": SIGN_TYPES,
        "TYPES_WITH_ALGORITHM": TYPES_WITH_ALGORITHM,
        "SIGN_ALGORITHMS": SIGN_ALGORITHMS,
        "MEMBERS": MEMBERS,
        "MANDATORY": MANDATORY,
        "DEFAULT_SIGN_TYPE": DEFAULT_SIGN_TYPE,
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
        "SETS": [(*_shortened(characters), message) for characters, message in sets],
        "ROWS": [
            (
                [(rule.min_length, rule.max_length) for rule in judge.rules],
                sets.index((judge.rules[0].charset, judge.charset_message)),
                sets.index((judge.rules[0].first, judge.first.message)),
                judge.length.message,
            )
            for judge in rows
        ],
        # By field, type and algorithm, the last of which is none.
        "JUDGES": [
            [
                [rows.index(JUDGES[field, sign_type, algorithm]) for algorithm in (*SIGN_ALGORITHMS, None)]
                for sign_type in SIGN_TYPES
            ]
            for field in FIELDS
        ],
    }


def _shortened(characters: str) -> tuple[int, str]:
    """How many characters the set and PORTABLE begin with alike, and the rest."""
    alike = next(n for n in range(len(characters), 0, -1) if PORTABLE.startswith(characters[:n]))
    return alike, characters[alike:]
