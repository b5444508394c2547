"""`Rule`, one row of the rule table; and for several rows together, their lengths, pattern and tables of marks."""

from collections.abc import Iterable
from functools import cache
from typing import Final, Literal, NamedTuple, cast

from ._accelerator import accelerated
from ._marks import ALL_FOREIGN, FIRST_MARK, Tables, fits, marks, plain
from ._spelling import character_class, listed

# For type checkers. At run time the table alone says which words there are; a test compares the two.
Field = Literal["name", "sign_key", "sign_secret"]
SignType = Literal["hmac", "basic", "public_key", "aes"]
SignAlgorithm = Literal["aes-128-cfb", "aes-256-cfb"]


class Rule(NamedTuple):
    """One row of the table: the lengths and characters that a field may have, and for which signature keys.

    `sign_type` or `sign_algorithm` is `None` if the row does not depend on it. Lengths count characters, both ends
    included. `charset` lists every allowed character, and `first` those that may stand first. In a row that was learnt
    from a gateway, `first` may have characters that `charset` lacks: they may stand first and nowhere else.
    """

    field: Field
    sign_type: SignType | None
    sign_algorithm: SignAlgorithm | None
    min_length: int
    max_length: int
    charset: str
    first: str

    def accepts(self, value: str) -> bool:
        """Whether `value` has a length, characters and a first character that this row allows.

        Raises `TypeError` if `value` is not a `str`.
        """
        try:
            try:
                if type(value) is str:  # as in `is_valid`
                    table = _TABLES[self][len(value)]
                    marked = value.encode().translate(table)
                    return marked.isascii() and marked >= FIRST_MARK
            except (IndexError, UnicodeEncodeError):
                return False
            except KeyError:
                pass
            return _accepts(self, value)
        finally:
            del value

    @property
    def pattern(self) -> str:
        """The characters and the first character as a regular expression, without anchors and counts.

        It means the same in Python, JavaScript, Rust, RE2, Go, Java, PCRE2 and PostgreSQL. Match the whole value
        with it, and check the length apart: several of these engines refuse counts as high as ours.
        """
        pattern = f"{character_class(self.first)}{character_class(self.charset)}*"
        return pattern if self.min_length else f"(?:{pattern})?"


# The rows that were asked for. A look-up here is faster than a call of `tables_by_length`.
_TABLES: Final[dict[Rule, Tables]] = {}


# Type checkers allow no method that is not in the body of its class.
setattr(Rule, "accepts", accelerated(_TABLES, Rule)(Rule.accepts))  # noqa: B010


def _accepts(rule: Rule, value: str) -> bool:
    """What `accepts` does the first time that the row is asked for, and if the value is not exactly a `str`."""
    try:
        value = cast("str", plain(value))
        if type(value) is not str:
            raise must_be_str(type(value))
        if rule.min_length and set(rule.first) <= set(rule.charset):
            tables = _TABLES[rule] = tables_by_length((rule,))
            return fits(value, tables)
        # No row of the page, but one that was learnt from a gateway may be like this. Marks cannot say it.
        is_in_length = rule.min_length <= len(value) <= rule.max_length
        return is_in_length and value[:1] in rule.first and set(rule.charset).issuperset(value[1:])
    finally:
        del value


def bounded_pattern(rules: Iterable[Rule]) -> str:
    """The pattern of the values that any of the rules accepts, with counts and without anchors."""
    return "|".join(
        f"{character_class(rule.first)}{character_class(rule.charset)}{{{rule.min_length - 1},{rule.max_length - 1}}}"
        for rule in rules
    )


def lengths_in_words(rules: Iterable[Rule]) -> str:
    """For example "8 to 32", or "16 or 32" for the two rows of an aes key whose algorithm is not known."""
    return listed(
        [
            str(rule.min_length) if rule.min_length == rule.max_length else f"{rule.min_length} to {rule.max_length}"
            for rule in rules
        ],
        "or",
    )


@cache
def tables_by_length(rules: tuple[Rule, ...]) -> Tables:
    """The tables of marks for rules that differ only in length. The index of a table is the length of the value.

    A forbidden length has a table that finds every byte FOREIGN. Beyond the longest length, the index is out of range.
    """
    tables = [ALL_FOREIGN] * (max(rule.max_length for rule in rules) + 1)
    for rule in rules:
        lengths = slice(rule.min_length, rule.max_length + 1)
        tables[lengths] = [marks(rule.charset, rule.first)] * len(tables[lengths])
    return tuple(tables)


def must_be_str(kind: type, argument: str = "value") -> TypeError:
    """The error for an argument that is not a `str`. It names the type alone."""
    return TypeError(f"{argument} must be a str, not {kind.__name__}")
