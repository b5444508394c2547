"""Random values that keep the rules, from the operating system's randomness alone: no seed, ever.

Every accepted string of the given length and alphabet is equally likely. `bytes.translate` maps random bytes to the
alphabet. Its delete argument drops the bytes above the largest multiple of the alphabet's size, so that no character is
favoured. Characters that may not come first are then stripped from the left, and the rest is cut to length.
"""

from typing import Final, Literal, get_args

from ._check import exact_question
from ._guard import guarded
from ._requirement import REQUIREMENTS
from ._rule import Field, Rule, SignAlgorithm, SignType, lengths_in_words
from ._spelling import DIGITS, LETTERS, listed
from ._table import DEFAULT_SIGN_TYPE
from ._vocabulary import are_exact, one_of

Alphabet = Literal["portable", "full"]

# The URL-safe base64 alphabet (RFC 4648, section 5). Of 32-character secrets over a row's full set, a quarter to a
# third break in an INI or .env file, a shell string, a crontab or a query string.
PORTABLE: Final = LETTERS + DIGITS + "_-"

# In the product, the key and the secret of this type are a pair. The command line, the web page and the recipes say
# beside values for it that they are none: docs/decisions.md#a-pair-for-public_key
PAIRED: Final[SignType] = "public_key"
NO_PAIR: Final = f"Random values for {PAIRED} have the right format; they are no pair of keys."

# No default is longer: 64 portable characters already hold 384 bits, more than HMAC-SHA256 or AES-256 can use.
LONGEST_DEFAULT: Final = 64


class Source:
    """All that values of one question and alphabet are made from."""

    __slots__ = ("characters", "default", "first", "not_first", "rejected", "rule", "secrets", "spare", "table")

    def __init__(self, rule: Rule, alphabet: Alphabet) -> None:
        import secrets  # the first source loads it: that takes longer than to load all of signrules

        characters = rule.charset if alphabet == "full" else "".join(c for c in rule.charset if c in PORTABLE)
        kept = 256 - 256 % len(characters)
        self.secrets = secrets
        self.rule = rule
        self.default = min(rule.max_length, LONGEST_DEFAULT)
        self.characters = characters
        self.first = "".join(c for c in characters if c in rule.first)
        self.not_first = "".join(c for c in characters if c not in rule.first).encode()
        self.table = (characters * 256).encode()[:256]
        self.rejected = bytes(range(kept, 256))
        # If bytes are rejected, this many more are drawn at first: at the default length, nearly always enough.
        self.spare = self.default * (256 - kept) // kept + 8 if self.rejected else 0

    def length(self, asked: int | None) -> int:
        """The given length if the rule allows it, or the default for `None`."""
        try:
            if asked is None:
                return self.default
            if not isinstance(asked, int):
                raise TypeError(f"length must be an int, not {type(asked).__name__}")
            asked = int.__index__(asked)  # a subclass may have other comparisons, and an `Enum` another text
            if self.rule.min_length <= asked <= self.rule.max_length:
                return asked
            raise ValueError(f"length must be {lengths_in_words([self.rule])} for a {described(self.rule)}")
        finally:
            del asked

    def bits(self, length: int) -> float:
        """The entropy of a value of this length."""
        from math import log2

        return log2(len(self.first)) + (length - 1) * log2(len(self.characters))

    def fill(self, text: bytes, length: int) -> bytes:
        """`text`, cut to the length after as many more characters were drawn as it lacks."""
        try:
            while len(text) < length:
                text += self.secrets.token_bytes(length - len(text) + self.spare).translate(self.table, self.rejected)
                text = text.lstrip(self.not_first)
            return text[:length]
        finally:
            del text


_SOURCES: Final[dict[tuple[Field, SignType, SignAlgorithm | None, Alphabet], Source]] = {}


@guarded
def source_of(field: Field, sign_type: SignType, sign_algorithm: SignAlgorithm | None, alphabet: Alphabet) -> Source:
    """The source of a question and alphabet, made by the first call; or the error that says why there is none."""
    question = exact_question(field, sign_type, sign_algorithm)
    rule, *others = rules = REQUIREMENTS[question].rules
    alphabet = one_of("alphabet", alphabet, get_args(Alphabet))
    # docs/decisions.md#generating-an-aes-key-without-sign_algorithm
    if others:  # a guess would be silently wrong if the caller means the other algorithm
        algorithms = listed((str(rule.sign_algorithm) for rule in rules), "or")
        raise ValueError(f"sign_algorithm must be {algorithms} to generate a {described(rule)}")
    return _SOURCES.setdefault((*question, alphabet), Source(rule, alphabet))


def described(rule: Rule) -> str:
    """For example "sign_key of sign_type hmac"."""
    return f"{rule.field} of sign_type {rule.sign_type}" if rule.sign_type else rule.field


def generate(
    field: Field,
    *,
    sign_type: SignType = DEFAULT_SIGN_TYPE,
    sign_algorithm: SignAlgorithm | None = None,
    length: int | None = None,
    alphabet: Alphabet = "portable",
) -> str:
    """A random value that the rules accept, uniform over all values of its length and alphabet.

    `length` is in characters; the default is the longest that the row allows, at most 64. `alphabet` is "portable" (the
    row's characters that are letters, digits, `_` or `-`) or "full" (all of the row's characters).

    For sign_type public_key, the values have the right format and are random: they are no pair of keys.

    Raises `LookupError` for a field, type, algorithm or alphabet that does not exist, `ValueError` for a length that
    the row does not allow and for an aes `sign_key` without `sign_algorithm`, `TypeError` if `length` is not an `int`.
    """
    text = b""
    source = None
    try:
        try:
            source = _SOURCES[field, sign_type, sign_algorithm, alphabet]
        except (KeyError, RecursionError, TypeError):
            pass  # it is not made yet, or cannot be made
        except Exception:
            if are_exact(field, sign_type, sign_algorithm, alphabet):
                raise
        if source is None:
            source = source_of(field, sign_type, sign_algorithm, alphabet)
        length = source.length(length)
        text = source.secrets.token_bytes(length + source.spare).translate(source.table, source.rejected)
        text = text.lstrip(source.not_first)
        return (text if len(text) == length else source.fill(text, length)).decode()
    finally:
        del field, sign_type, sign_algorithm, length, alphabet, text


@guarded
def entropy_bits(
    field: Field,
    *,
    sign_type: SignType = DEFAULT_SIGN_TYPE,
    sign_algorithm: SignAlgorithm | None = None,
    length: int | None = None,
    alphabet: Alphabet = "portable",
) -> float:
    """The entropy, in bits, of the values that `generate` makes of the same arguments: log2 of their number.

    Raises the same errors as `generate`.
    """
    source = source_of(field, sign_type, sign_algorithm, alphabet)
    return source.bits(source.length(length))
