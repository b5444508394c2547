"""The ES module in Node as a judge over a pipe: right, and with a bug in front of it."""

from pathlib import Path

import pytest

from signrules.export import es_module
from signrules.fuzz import Observation, cases, diagnose
from signrules.fuzz._cases import Profile
from signrules.fuzz._dialogue import Dialogue
from signrules.fuzz._exec import judged_by
from signrules.fuzz.bugs import bugs

from ..needs import JAVASCRIPT, program
from ..vectors import PROFILES


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """The program, to which the name of a bug may be added."""
    module = tmp_path / "signrules.mjs"
    module.write_text(es_module(), encoding="utf-8")
    return [program("node", package="nodejs"), str(JAVASCRIPT / "lines.mjs"), str(module)]


def observed(command: list[str], profile: Profile) -> tuple[Observation, ...]:
    """What the program says about each case."""

    def each_once() -> Dialogue[tuple[Observation, ...]]:
        return tuple((yield tuple(cases(profile))))

    result = judged_by(command, each_once(), timeout=60).result
    assert result is not None
    return result


@pytest.mark.parametrize("profile", PROFILES)
def test_the_module_keeps_every_rule(profile: Profile, command: list[str]) -> None:
    found = observed(command, profile)
    assert len(found) == len(list(cases(profile)))
    assert diagnose(found).is_clean


@pytest.mark.parametrize(
    "name", ["sign_secret:rstrip-spaces", "name:strip-line-end", "body:case.sign_type", "body:optional.name"]
)
def test_a_bug_before_the_module_is_named(name: str, command: list[str]) -> None:
    (finding,) = diagnose(observed([*command, name], "quick")).findings
    assert bugs()[name] in finding.explanations
