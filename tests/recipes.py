"""What the tests of recipes ask for: every row, with its default, shortest and longest length, in both alphabets."""

import string
from math import ceil
from typing import Any, NamedTuple

from signrules.export import RecipeTarget, generator_recipe

from .questions import ROW_QUESTIONS, Question

PORTABLE = {*string.ascii_letters, *string.digits, "_", "-"}
# A tool that runs makes at least this many values of each row.
VALUES = 500


class Wanted(NamedTuple):
    """The values that a recipe shall make, with the sets of the document; and how many of them a test makes."""

    question: Question
    length: int
    alphabet: Any
    first: set[str]
    charset: set[str]
    number: int

    def text(self, target: RecipeTarget) -> str:
        kind = self.question.kind
        return generator_recipe(self.question.field, target=target, length=self.length, alphabet=self.alphabet, **kind)

    def judge(self, values: list[str], characters: set[str]) -> None:
        """All are right, they differ, and together they have these characters."""
        assert len(values) == self.number
        for value in values:
            assert self.question.broken_by(value) == []
            assert len(value) == self.length
        assert len(set(values)) > self.number * 0.9
        used = {c for value in values for c in value}
        assert used <= characters
        if self.length >= 64:  # in shorter ones, a character may be missing by chance
            assert used == characters


def wanted(target: RecipeTarget) -> list[Wanted]:
    """A password policy makes 4 to 100 characters."""
    recipes = []
    for question in ROW_QUESTIONS:
        (fact,) = question.facts()
        lengths = {min(fact.max_length, 64), fact.min_length, fact.max_length}
        if target == "vault":
            lengths = {min(max(length, 4), 100) for length in lengths}
        alphabets = {"portable": PORTABLE, "full": fact.charset}
        recipes += [
            Wanted(
                question,
                length,
                alphabet,
                fact.first & characters,
                fact.charset & characters,
                ceil(VALUES / len(lengths) / len(alphabets)),
            )
            for length in sorted(lengths)
            for alphabet, characters in alphabets.items()
        ]
    return recipes
