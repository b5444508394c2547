"""The text of each target of `generator_recipe`, and what it costs in bits.

No set of the page has a quote, a backslash, a brace or a comma, so none needs an escape in any of these languages.
"""

from math import log2
from typing import Final, NamedTuple

from .._spelling import LETTERS, bare_class, split

# OpenBao 2.7 refuses a policy with another length, and Vault, from which its code comes, has the same two numbers.
_SHORTEST_OF_VAULT: Final = 4
_LONGEST_OF_VAULT: Final = 100


class Values(NamedTuple):
    """The values that a recipe is for: of one length, with one set for the first character and one for all others."""

    variable: str  # the name of the variable that holds one: not `name`, which means something else in Ansible
    length: int
    first: str
    characters: str
    bits: float  # of entropy, if every one of these values is equally likely

    @property
    def others(self) -> str:
        """The characters that may not come first."""
        return "".join(c for c in self.characters if c not in self.first)

    def exactly(self) -> str:
        """The comment of a recipe that makes each of these values with the same probability."""
        return f"# It states the rule exactly, so each value has all {self.bits:.1f} bits of entropy.\n"

    def by_a_subset(self, subset: str) -> str:
        """The comment of a recipe that takes every character from `subset`."""
        bits = self.length * log2(len(subset))
        return f"# This costs {self.bits - bits:.1f} of {self.bits:.1f} bits of entropy.\n"


def vault(values: Values) -> str:
    """A password policy. It has no rule for the first character alone."""
    if not _SHORTEST_OF_VAULT <= values.length <= _LONGEST_OF_VAULT:
        raise ValueError(
            f"length must be {_SHORTEST_OF_VAULT} to {_LONGEST_OF_VAULT} for target vault: a password policy makes no "
            "other values; give another length or another target"
        )
    return f"""\
# A password policy has no rule for the first character alone, so every character
# is one that may come first.
{values.by_a_subset(values.first)}\
length = {values.length}

rule "charset" {{
  charset = "{values.first}"
}}
"""


def terraform(values: Values) -> str:
    """Two resources, since `random_password` has no rule for the first character alone."""
    first, rest = f"{values.variable}_first", f"{values.variable}_rest"
    return f"""\
{values.exactly()}\
# The state of Terraform keeps the value.
{_random_password(first, 1, values.first)}
{_random_password(rest, values.length - 1, values.characters)}
locals {{
  {values.variable} = "${{random_password.{first}.result}}${{random_password.{rest}.result}}"
}}
"""


def _random_password(name: str, length: int, characters: str) -> str:
    """A resource with all arguments that choose characters; those left out would be true."""
    runs, others = split(characters, ("letters", "digits"))
    letters, digits = ("true" if run in runs else "false" for run in ("letters", "digits"))
    arguments = {"length": str(length), "upper": letters, "lower": letters, "numeric": digits}
    if others:
        arguments |= {"special": "true", "override_special": f'"{"".join(others)}"'}
    else:
        arguments |= {"special": "false"}
    width = max(map(len, arguments))
    lines = "".join(f"  {argument:{width}} = {value}\n" for argument, value in arguments.items())
    return f'resource "random_password" "{name}" {{\n{lines}}}\n'


def ansible(values: Values) -> str:
    """A task with two lookups. As a fact, the value is made once; as a variable, it would be made at each use."""
    return f"""\
{values.exactly()}\
# Each run makes another value, since /dev/null keeps none.
- name: Make a {values.variable}
  ansible.builtin.set_fact:
    {values.variable}: >-
      {{{{ {_lookup(1, values.first)}
      ~ {_lookup(values.length - 1, values.characters)} }}}}
  no_log: true
"""


def _lookup(length: int, characters: str) -> str:
    """A lookup without keywords: before ansible-core 2.13, `password` ignores them silently."""
    runs, others = split(characters, ("ascii_letters", "digits"))
    sets = ",".join([*runs, "".join(others)] if others else runs)
    return f"lookup('ansible.builtin.password', '/dev/null length={length} chars={sets}')"


def external_secrets(values: Values) -> str:
    """A generator that makes letters alone. It has no rule for the first character alone."""
    return f"""\
# This generator has no rule for the first character alone, and makes the same
# number of digits and of symbols each time: here none, so that all are letters.
{values.by_a_subset(LETTERS)}\
apiVersion: generators.external-secrets.io/v1alpha1
kind: Password
metadata:
  name: {values.variable.replace("_", "-")}
spec:
  length: {values.length}
  digits: 0
  symbols: 0
  noUpper: false
  allowRepeat: true
"""


def openssl(values: Values) -> str:
    """A pipeline. `tr` keeps the bytes that are right; `awk` drops what may not come first, cuts, and counts.

    `tr` keeps fewer than one byte in three, so `openssl` makes many more than the length. Once in 2^86 times, too few
    are left. Then, and after a failure of `openssl`, whose status the pipeline would hide, `awk` prints nothing and
    fails.
    """
    length = values.length
    return f"""\
{values.exactly()}\
openssl rand {8 * length + 256} | LC_ALL=C tr -dc '{bare_class(values.characters)}' | \
awk '{{ sub("^[{bare_class(values.others)}]+", "") }} \
length($0) >= {length} {{ print substr($0, 1, {length}); made = 1 }} END {{ exit !made }}'
"""
