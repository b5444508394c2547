"""Over real sockets: a stand-in with a bug planted, all requests of `quick`, and the diagnosis that names the bug.

Some of the bug models; all of them (SIGNRULES_BUGS=all) take a quarter of an hour. In two parts, which may run at the
same time.
"""

import string
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="needs the extra fuzz: in a clone, pip install '.[fuzz]'")
pytest.importorskip("starlette", reason="needs the extra gateway: in a clone, pip install '.[gateway]'")

from signrules.fuzz import cases, diagnose
from signrules.fuzz.bugs import RIGHT, bugs
from signrules.fuzz.gateway import gateway, serving

from ..sampled import sampled
from ..threads import in_a_thread
from .runs import Sleeper, sent

# The runner's names are random letters, so a gateway that refuses one of these in names refuses some bodies by chance
# (docs/how-to-fuzz.md).
BY_CHANCE = {f"name:without-{letter}" for letter in string.ascii_lowercase}
MODELS = [bug for name, bug in bugs().items() if name not in BY_CHANCE]
PLANTED = [RIGHT, *sampled(MODELS, 8)]


@pytest.mark.parametrize("part", [0, 1])
def test_every_bug_is_named_over_the_network(part: int, tmp_path: Path) -> None:
    app, sleeper = gateway(), Sleeper()
    with serving(app) as url:
        for number, bug in enumerate(PLANTED[part::2]):
            app.state.bugs = [bug]
            where = f"{url}/v2/project/apigw/instances/{number}/signs"
            state = tmp_path / "state"
            send = partial(sent, where, tuple(cases("quick")), token="any", state=state, concurrency=8, sleep=sleeper)
            found = in_a_thread(send)
            assert not found.left_behind, bug.name
            assert not sleeper.pauses, "a gateway that answers is never waited for"
            diagnosis = diagnose(found.observations)
            assert not diagnosis.without_verdict, bug.name
            named = [each for finding in diagnosis.findings for each in finding.explanations]
            chosen = [each for choice in diagnosis.choices for each in choice.explanations]
            assert bug in (named or chosen) or (bug is RIGHT and diagnosis.is_clean and not chosen), bug.name
