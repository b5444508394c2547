"""The rule of one value as a recipe: a text for another tool, which then makes right values itself."""

from collections.abc import Callable
from typing import Final, Literal

from .._generate import NO_PAIR, PAIRED, Alphabet, described, source_of
from .._guard import guarded
from .._rule import Field, SignAlgorithm, SignType
from .._table import DEFAULT_SIGN_TYPE
from .._vocabulary import one_of
from ._recipe_texts import Values, ansible, external_secrets, openssl, terraform, vault

RecipeTarget = Literal["vault", "terraform", "ansible", "external_secrets", "openssl"]

_TEXTS: Final[dict[RecipeTarget, Callable[[Values], str]]] = {
    "vault": vault,
    "terraform": terraform,
    "ansible": ansible,
    "external_secrets": external_secrets,
    "openssl": openssl,
}


@guarded
def generator_recipe(
    field: Field,
    *,
    target: RecipeTarget,
    length: int | None = None,
    alphabet: Alphabet = "portable",
    sign_type: SignType = DEFAULT_SIGN_TYPE,
    sign_algorithm: SignAlgorithm | None = None,
) -> str:
    """A text by which `target` makes a random value that the rules accept. Rule: Table 3 of the page.

    The targets: "vault", a password policy (HCL) for OpenBao and Vault; "terraform", resources `random_password` and a
    local value; "ansible", a task with the lookup `password`; "external_secrets", a generator `Password` for
    Kubernetes; "openssl", a line for any POSIX shell, which prints the value.

    `length` (in characters) and `alphabet` mean the same as for `generate`. A comment in the text says whether the
    target makes every value that `generate` makes. If it cannot state the rule for the first character, the text has
    only characters that may come first, and the comment says how many bits of entropy that costs.

    Raises `LookupError` for a field, type, algorithm, alphabet or target that does not exist, `ValueError` for a length
    that the row does not allow or that the target cannot make and for an aes `sign_key` without `sign_algorithm`,
    `TypeError` if `length` is not an `int`.
    """
    source = source_of(field, sign_type, sign_algorithm, alphabet)
    text_of = _TEXTS[one_of("target", target, _TEXTS)]
    length = source.length(length)
    variable = f"sign_{source.rule.field.removeprefix('sign_')}"
    algorithm = f" and sign_algorithm {source.rule.sign_algorithm}" if source.rule.sign_algorithm else ""
    notes = [f"Makes a {described(source.rule)}{algorithm}, {length} characters long."]
    if source.rule.sign_type == PAIRED:
        notes.append(NO_PAIR)
    values = Values(variable, length, source.first, source.characters, source.bits(length))
    return "".join(f"# {note}\n" for note in notes) + text_of(values)
