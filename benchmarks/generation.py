"""Random values: signrules beside what people write or install for it."""

import math
import os
import random
import secrets
import string
import warnings

import rstr

import signrules

from ._timing import Candidate, Case, Group

with warnings.catch_warnings():  # passlib imports crypt and pkg_resources, which their owners say will go
    warnings.simplefilter("ignore")
    from passlib import pwd

BASELINE = "joined secrets.choice"
SHORT = "32 characters"
LONG = "2,048 characters"


def group() -> Group:
    """The cases: the longest hmac key, the longest hmac secret, and the longest secret there is."""
    return Group(
        "Generation",
        "Times faster than `''.join(secrets.choice(alphabet) for _ in range(length))`, over the alphabet that "
        "signrules uses. Only signrules also keeps the rule of the first character. `os.urandom` gives bytes of the "
        "same entropy and no text: the floor.",
        [
            _case(SHORT, "sign_key", "hmac"),
            _case("64 characters", "sign_secret", "hmac"),
            _case(LONG, "sign_secret", "public_key"),
        ],
        "times faster",
    )


def _case(title: str, field: signrules.Field, sign_type: signrules.SignType) -> Case:
    (rule,) = signrules.rules_for(field, sign_type=sign_type)
    length = rule.max_length
    portable = set(string.ascii_letters + string.digits + "_-")
    alphabet = "".join(character for character in rule.charset if character in portable)
    size = math.ceil(signrules.entropy_bits(field, sign_type=sign_type, length=length) / 8)
    strings = rstr.Rstr(random.SystemRandom())
    names = {"alphabet": alphabet, "length": length}
    candidates = [
        Candidate(BASELINE, "''.join(choice(alphabet) for _ in range(length))", {"choice": secrets.choice}),
        Candidate(
            "signrules",
            f"generate({field!r}, sign_type={sign_type!r}, length=length)",
            {"generate": signrules.generate},
        ),
        Candidate("passlib", "genword(length=length, chars=alphabet)", {"genword": pwd.genword}),
        Candidate("rstr", "rstr(alphabet, length)", {"rstr": strings.rstr}),
    ]
    candidates = [candidate._replace(names={**names, **candidate.names}) for candidate in candidates]
    for candidate in candidates:
        text = candidate.run()
        assert len(text) == length, candidate.peer
        assert set(text) <= set(alphabet), candidate.peer
    floor = Candidate("os.urandom", "urandom(size)", {"urandom": os.urandom, "size": size})
    return Case(title, [*candidates, floor])
