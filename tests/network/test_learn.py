"""Learns tables over real sockets: of the stand-in with bugs planted that are changes of a cell."""

from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="needs the extra fuzz: in a clone, pip install '.[fuzz]'")
pytest.importorskip("starlette", reason="needs the extra gateway: in a clone, pip install '.[gateway]'")

from signrules import RULES, Rule
from signrules.fuzz import Learned
from signrules.fuzz._learn import learning
from signrules.fuzz._rows import row_name
from signrules.fuzz._runner import Run, run
from signrules.fuzz.bugs import bugs
from signrules.fuzz.gateway import gateway, serving

from ..sampled import sampled
from ..threads import in_a_thread

# A change of each column, as the name of its bug model says it.
CHANGES = [
    (RULES[0], "max+1", RULES[0]._replace(max_length=65)),
    (RULES[2], "min-1", RULES[2]._replace(min_length=3)),
    (RULES[8], "with-3a", RULES[8]._replace(charset=RULES[8].charset + ":")),
    (RULES[5], "first-with-5f", RULES[5]._replace(first=RULES[5].first + "_")),
]


@pytest.mark.parametrize(
    ("row", "name", "changed"), sampled(CHANGES, 1), ids=lambda each: each if isinstance(each, str) else ""
)
def test_a_planted_change_is_learnt(row: Rule, name: str, changed: Rule, tmp_path: Path) -> None:
    with serving(gateway(bugs()[f"{row_name(row)}:{name}"])) as url:
        where = f"{url}/v2/project/apigw/instances/instance/signs"

        def lead() -> Run:
            return run(
                where, learning(), purpose="learn", token="any", state=tmp_path / "state", concurrency=8, quota=200
            )

        found = in_a_thread(lead)
    learned = found.result
    assert isinstance(learned, Learned)
    assert not found.left_behind
    expected = [changed if rule == row else rule for rule in RULES]
    assert [_sets(rule) for rule in learned.rows] == [_sets(rule) for rule in expected]
    assert learned.requests == len(found.observations) <= 1400
    assert not list(tmp_path.iterdir())


def _sets(rule: Rule | None) -> object:
    return rule and (*rule[:5], {*rule.charset}, {*rule.first})
