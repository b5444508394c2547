"""One value's rule as a block of Terraform: `validation` of a variable, or `precondition` of a resource."""

from typing import Final, Literal, get_args

from .._check import requirement_of
from .._guard import guarded
from .._rule import Field, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE, MANDATORY
from .._vocabulary import one_of
from ._arguments import exact
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
    requirement = requirement_of(field, sign_type, sign_algorithm)
    name = requirement.field if variable is None else exact("variable", variable)
    kind = one_of("block", block, BLOCKS)
    if not (name[:1].isidentifier() and name.replace("-", "_").isidentifier()):
        raise ValueError("variable must be letters, digits, _ and -, and must not start with a digit or -")
    value = f"var.{name}"
    lengths = right_lengths(f"length({value})", requirement.rules)
    null = "false" if requirement.field in MANDATORY else "true"
    return f"""\
{kind} {{
  condition     = {value} == null ? {null} : can(regex("{re2_pattern(requirement.rules[0])}", {value})) && {lengths}
  error_message = "The {requirement.field} {requirement.in_words()}."
}}
"""
