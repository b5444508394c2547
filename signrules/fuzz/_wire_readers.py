"""The ways to read the wire, and which of them explain what a gateway made of the cases of the profile `wire`."""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Final, NamedTuple

from ._case import Case, Observation
from ._decoder import Decoder
from ._wire import wire_cases
from .bugs import refused


class WireReader(NamedTuple):
    """A way to read one thing on the wire. `topic` is the field of a `Decoder`, `word` its value.

    `does` says in words how such a gateway reads. `warning` is the danger, or "": a checker in front of the gateway
    lets wrong values through if it reads in another way.
    """

    topic: str
    word: str
    does: str
    warning: str = ""

    @property
    def name(self) -> str:
        """The name, for `--reader`."""
        return f"{self.topic}:{self.word}"

    def of(self, decoder: Decoder) -> Decoder:
        """The decoder, changed to read in this way."""
        return decoder._replace(**{self.topic: self.word})


_TWIN: Final = "a checker in front of it that takes the {} one lets wrong values through"
_FOLDED: Final = "a checker in front of it that compares them exactly lets wrong values through"
_UNSEEN: Final = "a checker in front of it that {} sees another body"


# The first of each topic is how the stand-in reads.
_READERS: Final = (
    WireReader("unknown", "ignored", "ignores a member that it does not know"),
    WireReader("unknown", "refused", "refuses a member that it does not know"),
    WireReader("escapes", "decoded", "decodes escapes in the names of members"),
    WireReader(
        "escapes", "as-they-stand", "does not decode escapes in the names of members", _UNSEEN.format("decodes them")
    ),
    WireReader("twins", "last", "takes the last of two members with one name", _TWIN.format("first")),
    WireReader("twins", "first", "takes the first of two members with one name", _TWIN.format("last")),
    WireReader("twins", "refused", "refuses a member that stands twice"),
    WireReader("twins", "same", "takes a member that stands twice only if both are the same, or both are right"),
    WireReader("case", "exact", "compares the names of members exactly"),
    WireReader("case", "last", "ignores the case of member names, and takes the last of two", _FOLDED),
    WireReader("case", "first", "ignores the case of member names, and takes the first of two", _FOLDED),
    WireReader("case", "preferred", "ignores the case of member names, but prefers the exact name", _FOLDED),
    WireReader("case", "refused", "ignores the case of member names, and refuses two", _FOLDED),
    WireReader("lookalikes", "kept", "takes no sign outside ASCII for a letter of a member name"),
    WireReader("lookalikes", "kelvin", "takes U+212A for k in the names of members", _FOLDED),
    WireReader("lookalikes", "folded", "takes U+017F for s and U+212A for k in the names of members", _FOLDED),
    WireReader("numbers", "kept", "takes no number for a string"),
    WireReader("numbers", "taken", "takes a number for a string"),
    WireReader("behind", "refused", "refuses text behind the body"),
    WireReader("behind", "ignored", "ignores text behind the body", _UNSEEN.format("reads the last of several bodies")),
    WireReader("behind", "from-nul", "ignores text behind the body from a NUL on"),
    WireReader("nul", "kept", "takes an escaped NUL like any character"),
    WireReader("nul", "refused", "refuses an escaped NUL"),
    WireReader("nul", "ends-names", "ends the name of a member at an escaped NUL", _UNSEEN.format("does not")),
    WireReader("controls", "refused", "refuses a control character in a string unless it is escaped"),
    WireReader("controls", "but-nul", "takes control characters in a string that are not escaped, but not NUL"),
    WireReader("controls", "taken", "takes control characters in a string that are not escaped"),
    WireReader("surrogates", "kept", "keeps or replaces half a surrogate pair"),
    WireReader("surrogates", "refused", "refuses half a surrogate pair"),
    WireReader("surrogates", "dropped", "drops half a surrogate pair", _UNSEEN.format("keeps it")),
    WireReader("invalid", "refused", "refuses bytes that are not UTF-8"),
    WireReader("invalid", "replaced", "keeps or replaces bytes that are not UTF-8"),
    WireReader("invalid", "dropped", "drops bytes that are not UTF-8", _UNSEEN.format("keeps them")),
    WireReader("overlong", "refused", "does not decode overlong forms of UTF-8"),
    WireReader("overlong", "decoded", "decodes overlong forms of UTF-8", _UNSEEN.format("does not")),
    WireReader("mark", "refused", "refuses a byte order mark"),
    WireReader("mark", "skipped", "skips a byte order mark before the body"),
    WireReader("mark", "white-space", "takes a byte order mark anywhere for white space"),
    *(
        WireReader(f"utf{bits}", word, does.format(bits), warning)
        for bits in (16, 32)
        for word, does, warning in (
            ("refused", "does not read UTF-{}", ""),
            ("unmarked", "reads UTF-{} without a byte order mark alone", _UNSEEN.format("reads UTF-8 alone")),
            ("marked", "reads UTF-{} with a byte order mark", _UNSEEN.format("reads UTF-8 alone")),
            ("any", "reads UTF-{}, with a byte order mark and without", _UNSEEN.format("reads UTF-8 alone")),
        )
    ),
    WireReader("gzip", "ignored", "does not unzip a body, and does not look at Content-Encoding"),
    WireReader("gzip", "refused", "refuses a body with Content-Encoding: gzip"),
    WireReader("gzip", "by-header", "unzips a body if Content-Encoding says so", _UNSEEN.format("does not unzip it")),
    WireReader(
        "gzip", "by-look", "unzips a body that looks like gzip, whatever a header says", _UNSEEN.format("does not")
    ),
    WireReader("comments", "refused", "refuses comments"),
    WireReader("comments", "taken", "takes comments, /* so */ and // so"),
    WireReader("comments", "with-hash", "takes comments, /* so */, // so and # so"),
    WireReader("comments", "hash-alone", "takes comments, # so"),
    WireReader("comma", "refused", "refuses a comma behind the last member"),
    WireReader("comma", "taken", "takes a comma behind the last member"),
    WireReader("quotes", "refused", "refuses single quotes"),
    WireReader("quotes", "taken", "takes single quotes for double ones"),
    WireReader("bare", "refused", "refuses a member name without quotes"),
    WireReader("bare", "taken", "takes a member name without quotes"),
    WireReader("constants", "refused", "refuses NaN"),
    WireReader("constants", "taken", "takes NaN"),
)


@cache
def wire_readers() -> dict[str, WireReader]:
    """Every way to read one thing on the wire, by its name."""
    return {reader.name: reader for reader in _READERS}


class WireReading(NamedTuple):
    """How a gateway reads one thing on the wire: the answers, and the ways to read that explain all of them.

    There is no such way if the answers contradict each other; there is more than one if no answer tells them apart.
    """

    topic: str
    observations: tuple[Observation, ...]
    readers: tuple[WireReader, ...]

    @property
    def words(self) -> str:
        """How it reads, in one sentence."""
        if self.readers:
            return "; or ".join(reader.does for reader in self.readers)
        answers = [f"{o.case.comment}: {'accepted' if o.accepted else 'refused'}" for o in self.observations]
        return f"no way to read that we know of explains these answers: {'; '.join(answers)}"

    @property
    def warning(self) -> str:
        """What is dangerous about each of these ways, or ""."""
        if not self.readers:
            return "a gateway that answers so may read a body in two places, in two ways"
        warnings = [reader.warning for reader in self.readers]
        return warnings[0] if all(warnings) else ""


# What the cases of all other topics tell depends on how these two are read.
_BASIC_TOPICS: Final = ("unknown", "escapes")


def readings(observations: Collection[Observation]) -> Iterator[WireReading]:
    """How a gateway reads the wire, for each topic of which a case got a verdict."""
    seen = {o.case.id: o for o in observations if o.accepted is not None}
    decoder = Decoder()
    for topic, cases in wire_cases().items():
        answers = tuple(seen[case.id] for case in cases if case.id in seen)
        if not answers:
            continue
        fitting = tuple(
            reader
            for reader in _READERS
            if reader.topic == topic
            and all((refused_by(o.case, reader.of(decoder)) is None) is o.accepted for o in answers)
        )
        if fitting and topic in _BASIC_TOPICS:
            decoder = fitting[0].of(decoder)
        yield WireReading(topic, answers, fitting)


def refused_by(case: Case, decoder: Decoder) -> str | None:
    """The first member that is refused by a gateway with this decoder, which keeps every rule.

    It is `""` if the gateway refuses the body or its bytes, `None` if it accepts.
    """
    try:
        return refused(decoder.read(case.wire, case.raw.content_encoding if case.raw else None))
    except ValueError:
        return ""
