"""One value's rule as a block of Terraform: `validation` of a variable, or `precondition` of a resource."""

from typing import Final, Literal, get_args

from .._check import rules_for
from .._guard import guarded
from .._requirement import REQUIREMENTS
from .._rule import Field, SignAlgorithm, SignType
from .._spelling import listed
from .._table import DEFAULT_SIGN_TYPE, MANDATORY
from ._arguments import demand
from ._re2 import re2_pattern, right_lengths

Block = Literal["validation", "precondition"]
BLOCKS: Final[tuple[Block, ...]] = get_args(Block)


@guarded
def terraform_validation(
    field: Field,
    *,
    variable: str | None = None,
    block: Block = "validation",
    sign_type: SignType = DEFAULT_SIGN_TYPE,
    sign_algorithm: SignAlgorithm | None = None,
) -> str:
    """A block (HCL) that checks a value. `variable` is the name of the variable that holds it; if left out, the field.

    A `validation` stands in the variable. Terraform prints the value that it refuses, even of a `sensitive` variable.
    So give a key or a secret a `precondition`, which stands in the `lifecycle` of a resource: Terraform does not print
    the value then.

    Terraform counts grapheme clusters. Where all characters are ASCII, as the pattern demands, each cluster is one
    character. An optional value may be `null`. Rule: Table 3 of the page.

    Raises `LookupError` for a field, type, algorithm or block that does not exist, `ValueError` for a variable that
    Terraform could not have, `TypeError` for one that is no `str`.
    """
    name = field if variable is None else variable
    rules = rules_for(field, sign_type=sign_type, sign_algorithm=sign_algorithm)
    demand("variable", name, str)
    if block not in BLOCKS:
        raise LookupError(f"block must be {listed(BLOCKS, 'or')}")
    if not (name[:1].isidentifier() and name.replace("-", "_").isidentifier()):
        raise ValueError("variable must be letters, digits, _ and -, and must not start with a digit or -")
    value = f"var.{name}"
    lengths = right_lengths(f"length({value})", rules)
    null = "false" if field in MANDATORY else "true"
    return f"""\
{block} {{
  condition     = {value} == null ? {null} : can(regex("{re2_pattern(rules[0])}", {value})) && {lengths}
  error_message = "The {field} {REQUIREMENTS[field, sign_type, sign_algorithm].in_words()}."
}}
"""
