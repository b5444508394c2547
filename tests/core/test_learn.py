"""The table that is learnt is the table that the gateway has, whatever rows it has."""

import csv
import io
import json
import os
import random
import re
from collections.abc import Callable, Container, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signrules import Rule
from signrules.export import csv_table, json_table, markdown_table, text_table
from signrules.fuzz import Case, Learned, Observation, Verdict, _learnt_table, learn
from signrules.fuzz._case import named
from signrules.fuzz._learn import learning
from signrules.fuzz._learning_row import LONGEST

from .. import oracle

PRINTABLE = [chr(code) for code in range(32, 127)]
ASCII = [chr(code) for code in range(128)]
FIELDS = ["name", "sign_key", "sign_secret"]
# An example is a whole table, which takes a thousand cases.
few = settings(max_examples=settings().max_examples // 5)
# How many changes of one cell are tried.
CHANGES = {"ci": 80, "thorough": 900}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 40)


class Row(NamedTuple):
    """A row of a gateway. `first` is what may stand first, `charset` what may stand behind it."""

    field: str
    sign_type: str | None
    sign_algorithm: str | None
    lengths: Container[int]
    charset: frozenset[str]
    first: frozenset[str]

    def accepts(self, value: str) -> bool:
        return len(value) in self.lengths and {*value[:1]} <= self.first and {*value[1:]} <= self.charset


def row_of(fact: oracle.Fact) -> Row:
    lengths = range(fact.min_length, fact.max_length + 1)
    return Row(*fact[:3], lengths, frozenset(fact.charset), frozenset(fact.first))


PAGE = [row_of(fact) for fact in oracle.FACTS]
NAME, HMAC, AES_128, AES_SECRET = PAGE[0], PAGE[1], PAGE[4], PAGE[9]
Answer = Callable[[dict[str, str]], bool | Verdict]


def gateway(rows: Sequence[Row]) -> Callable[[dict[str, str]], Verdict]:
    """A gateway with these rows. It names the first member that it refuses."""

    def answer(body: dict[str, str]) -> Verdict:
        for field in FIELDS:
            for row in rows:
                applies = row[1] in (None, body["sign_type"]) and row[2] in (None, body.get("sign_algorithm"))
                if row.field == field and applies and not row.accepts(body.get(field, "")) and field in body:
                    return Verdict(accepted=False, member=field)
        return Verdict(accepted=True)

    return answer


def with_row(row: Row) -> list[Row]:
    """The page with this row in the place of its own."""
    return [row if row[:3] == other[:3] else other for other in PAGE]


def as_sets(rule: Rule | None) -> tuple[object, ...] | None:
    if rule is None:
        return None
    return (*rule[:3], rule.min_length, rule.max_length, frozenset(rule.charset), frozenset(rule.first))


def cells(row: Row) -> tuple[object, ...] | None:
    if not isinstance(row.lengths, range) or not row.lengths:
        return None
    return (*row[:3], row.lengths[0], row.lengths[-1], row.charset, row.first)


def assert_exact(learned: Learned, rows: Sequence[Row]) -> None:
    assert [as_sets(rule) for rule in learned.rows] == [cells(row) for row in rows]
    for row, fact, rule in zip(rows, PAGE, learned.rows, strict=True):
        said = [difference for difference in learned.differences if difference.row[:3] == row[:3]]
        assert bool(said) is (row != fact)
        for difference in said if rule else ():
            assert difference.cell == (getattr(rule, difference.column) if difference.column else None)


def words(learned: Learned) -> list[str]:
    return [difference.words for difference in learned.differences]


def asked_by(answer: Callable[[Case], bool | None], *, controls: bool = False) -> tuple[Learned, list[Sequence[Case]]]:
    """What is learnt, and the batches that were asked."""
    dialogue = learning(controls=controls)
    batches = [next(dialogue)]
    while True:
        try:
            batches.append(dialogue.send([Observation(case, answer(case)) for case in batches[-1]]))
        except StopIteration as end:
            return end.value, batches


def accepted_by(rows: Sequence[Row]) -> Callable[[Case], bool]:
    judge = gateway(rows)
    return lambda case: judge(case.body).accepted


# A right gateway.


@pytest.mark.parametrize(("controls", "most"), [(False, 1050), (True, 1750)])
def test_a_right_gateway_has_the_rows_of_the_page(controls: bool, most: int) -> None:
    learned, batches = asked_by(accepted_by(PAGE), controls=controls)
    assert_exact(learned, PAGE)
    assert learned.requests == sum(map(len, batches)) <= most
    assert len(batches) < 10


def test_cases_have_ids_of_their_own_and_say_what_is_right() -> None:
    _, batches = asked_by(accepted_by(PAGE), controls=True)
    cases = [case for batch in batches for case in batch]
    assert len({case.id for case in cases}) == len(cases)
    for batch in batches:
        assert len({case.body["name"] for case in batch}) == len(batch)
    for case in cases:
        broken = oracle.broken_members(case.body)
        assert case.codes == tuple(dict.fromkeys(code for _, code, _ in broken))
        assert {field for field, _, _ in broken} <= {case.field}
        is_silent = "" in (case.body.get("sign_key"), case.body.get("sign_secret"))
        assert case.result == ("valid" if not broken else "acceptable" if is_silent else "invalid")
        assert ("Silent" in case.flags) is (case.result == "acceptable")
        assert case.row is None or case.row.field == case.field
    by_id = {case.id: case for case in cases}
    assert by_id["learn:sign_key.hmac:first-5f"].body["sign_key"][0] == "_"
    assert by_id["learn:sign_key.hmac:first-5f"].comment == "sign_key: '_' as the first"
    assert "\0" in by_id["learn:sign_secret.aes:later-00"].body["sign_secret"][1:-1]


def test_other_cases_have_the_usual_names_if_the_gateway_takes_them() -> None:
    """A runner puts fresh names in their place, which prove whose keys they make."""

    def are_usual(rows: Sequence[Row]) -> set[bool]:
        _, batches = asked_by(accepted_by(rows))
        others = [case for batch in batches for case in batch if "sign_key" in case.body or "sign_secret" in case.body]
        return {bool(case.body["name"] == named(case.id)) for case in others}

    assert are_usual(PAGE) == {True}
    assert are_usual([NAME._replace(charset=NAME.charset - {"q"}), *PAGE[1:]]) == {False}
    assert are_usual([NAME._replace(lengths=range(3, 14)), *PAGE[1:]]) == {False}


def test_the_same_answers_bring_the_same_cases() -> None:
    rows = with_row(HMAC._replace(lengths=range(10, 30), charset=HMAC.charset - {"Q"}))
    assert asked_by(accepted_by(rows)) == asked_by(accepted_by(rows))


# Any gateway.


@st.composite
def tables(draw: st.DrawFn, alphabet: Sequence[str]) -> list[Row]:
    """Ten rows of any bounds and sets that accept a `k` at every place."""

    def row(page: Row) -> Row:
        shortest = draw(st.integers(0, 60))
        longest = draw(st.one_of(st.integers(3, 80), st.integers(3, LONGEST - 1)))
        sets = st.frozensets(st.sampled_from(alphabet)) | st.just(page.charset)
        return page._replace(
            lengths=range(min(shortest, longest - 1), longest + 1),
            charset=draw(sets) | {"k"},
            first=draw(sets | st.just(page.first)) | {"k"},
        )

    return [row(page) for page in PAGE]


@pytest.mark.parametrize("alphabet", [PRINTABLE, ASCII], ids=["printable", "controls"])
@few
@given(data=st.data())
def test_any_table_is_learnt(data: st.DataObject, alphabet: list[str]) -> None:
    rows = data.draw(tables(alphabet))
    learned = learn(gateway(rows), controls=alphabet is ASCII)
    assert [as_sets(rule) for rule in learned.rows] == [cells(row) for row in rows]
    for rule, row in zip(learned.rows, rows, strict=True):
        assert rule
        only_first = row.first - row.charset
        for value in (c * rule.min_length for c in row.first | row.charset):
            assert rule.accepts(value) is row.accepts(value) is (re.fullmatch(rule.pattern, value) is not None), value
        said = [d.words for d in learned.differences if d.row[:3] == row[:3] and "nowhere else" in d.words]
        assert bool(only_first) is bool(said), rule


@few
@given(st.lists(st.tuples(*[st.frozensets(st.sampled_from(PRINTABLE), min_size=1)] * 2), min_size=10, max_size=10))
def test_no_cell_is_wrong_if_most_values_are_refused(sets: list[tuple[frozenset[str], frozenset[str]]]) -> None:
    rows = [row._replace(charset=charset, first=first) for row, (charset, first) in zip(PAGE, sets, strict=True)]
    learned = learn(gateway([NAME, *rows[1:]]))
    assert all(
        rule is None or as_sets(rule) == cells(row) for rule, row in zip(learned.rows[1:], rows[1:], strict=True)
    )


def one_change(chance: random.Random, alphabet: list[str], *, is_within: bool) -> list[Row]:
    """The page with one cell changed. If `is_within`, what may not stand later may not stand first either."""
    page = chance.choice(PAGE)
    assert isinstance(page.lengths, range)
    shortest, longest = page.lengths[0], page.lengths[-1]
    step, c = chance.choice((-3, -2, -1, 1, 2, 3)), chance.choice([chance.choice(alphabet), min(page.charset)])
    row = chance.choice(
        [
            page._replace(lengths=range(max(shortest + step, 0), longest + 1)),
            page._replace(lengths=range(shortest, longest + step + 1)),
            page._replace(charset=page.charset ^ {c}),
            page._replace(first=page.first ^ {c}),
        ]
    )
    return with_row(row._replace(first=row.first & row.charset) if is_within else row)


@pytest.mark.parametrize("number", range(CHANGES))
def test_a_change_of_one_cell_is_learnt(number: int) -> None:
    chance = random.Random(number)
    controls = bool(number % 2)
    rows = one_change(chance, ASCII if controls else PRINTABLE, is_within=chance.random() < 0.5)
    judge = gateway(rows)
    member = chance.choice(["none", "named", "wrong"])

    def answer(body: dict[str, str]) -> bool | Verdict:
        verdict = judge(body)
        if member == "none":
            return verdict.accepted
        return (
            verdict if member == "named" or verdict.accepted else Verdict(accepted=False, member=chance.choice(FIELDS))
        )

    learned = learn(answer, controls=controls)
    assert_exact(learned, rows)
    assert learned.requests <= (2100 if controls else 1400)


def test_changes_of_cells_are_said() -> None:
    rows = with_row(
        HMAC._replace(
            lengths=range(7, 35),
            charset=HMAC.charset - set("0123456789") | {"*", "\n"},
            first=HMAC.first | {"*", "+"},
        )
    )
    assert words(learn(gateway(rows), controls=True)) == [
        "sign_key of hmac: the shortest length is 7, not 8",
        "sign_key of hmac: the longest length is 34, not 32",
        "sign_key of hmac: may also contain '\\n' and '*', and not contain digits",
        "sign_key of hmac: may also start with '*' and '+'",
        "sign_key of hmac: digits and '+' may stand first and nowhere else",
    ]


# What no row can say.


def test_a_hole_in_the_lengths_is_said() -> None:
    lengths = {*range(12, 33)} - {13}
    learned = learn(gateway(with_row(HMAC._replace(lengths=lengths))))
    assert words(learned) == [
        "sign_key of hmac: the shortest length is 12, not 8",
        "sign_key of hmac: 12 and 14 characters are accepted, and 13 are refused",
    ]


def test_a_row_of_two_lengths_is_said() -> None:
    learned = learn(gateway(with_row(AES_128._replace(lengths={14, 16}))))
    assert words(learned) == [
        "sign_key of aes with aes-128-cfb: the shortest length is 14, not 16",
        "sign_key of aes with aes-128-cfb: 14 and 16 characters are accepted, and 15 are refused",
    ]


def test_two_refused_lengths_are_both_said() -> None:
    learned = learn(gateway(with_row(HMAC._replace(lengths={*range(8, 19), *range(21, 33)}))))
    assert words(learned) == ["sign_key of hmac: 18 and 21 characters are accepted, and 19 and 20 are refused"]


def test_a_hole_beside_a_bound_is_said() -> None:
    learned = learn(gateway(with_row(HMAC._replace(lengths={6, *range(8, 33), 34}))))
    assert words(learned)[2:] == [
        "sign_key of hmac: 6 and 8 characters are accepted, and 7 are refused",
        "sign_key of hmac: 32 and 34 characters are accepted, and 33 are refused",
    ]


def test_a_hole_far_from_the_bounds_is_said() -> None:
    learned = learn(gateway(with_row(HMAC._replace(lengths={*range(8, 20), *range(21, 33)}))))
    assert words(learned) == ["sign_key of hmac: 19 and 21 characters are accepted, and 20 are refused"]
    assert learned.rows[1] is not None


def test_the_length_of_the_other_algorithm_is_noticed() -> None:
    learned = learn(gateway(with_row(AES_128._replace(lengths={16, 32}))))
    assert words(learned)[-1] == (
        "sign_key of aes with aes-128-cfb: 16 and 32 characters are accepted, and 17 to 31 are refused"
    )


def test_an_empty_text_between_nothing_is_said() -> None:
    rows = with_row(HMAC._replace(lengths={0, *range(8, 33)}))
    assert words(learn(gateway(rows))) == ["sign_key of hmac: the empty text is accepted, and 7 characters are not"]


@pytest.mark.parametrize("shortest", [0, 1])
def test_a_row_may_begin_with_the_empty_text(shortest: int) -> None:
    rows = with_row(HMAC._replace(lengths=range(shortest, 33)))
    assert_exact(learn(gateway(rows)), rows)


@pytest.mark.parametrize(
    ("accepts", "said"),
    [
        (lambda value: value[-1:].isalnum(), "a value is refused although all its parts are accepted (begins with"),
        (lambda value: len(value.partition("#")[0]) >= 8, "may not contain '#'"),
    ],
    ids=["the last character is judged otherwise", "what stands behind a character is not read"],
)
def test_a_mistake_that_shows_at_the_ends_of_a_value_is_said(accepts: Callable[[str], bool], said: str) -> None:
    judge = gateway(PAGE)

    def answer(body: dict[str, str]) -> bool:
        return judge(body).accepted and (body["sign_type"] != "basic" or accepts(body.get("sign_secret", "k" * 8)))

    (first, *others) = words(learn(answer))
    assert first.startswith(f"sign_secret of basic: {said}")
    assert not others


def test_a_value_that_is_refused_although_its_parts_are_accepted_is_said() -> None:
    judge = gateway(PAGE)

    def answer(body: dict[str, str]) -> bool:
        key = body.get("sign_key", "")
        return judge(body).accepted and not (body["sign_type"] == "hmac" and key[:1] == "Q" and len({*key}) > 2)

    learned = learn(answer)
    (said,) = words(learned)
    start = "sign_key of hmac: a value is refused although all its parts are accepted (begins with 'Q"
    assert said.startswith(start)
    assert None not in learned.rows


# Answers without a verdict.


def test_a_case_without_a_verdict_is_asked_once_more() -> None:
    judge = accepted_by(PAGE)
    learned, batches = asked_by(lambda case: judge(case) if case.id.endswith(":again") else None)
    assert_exact(learned, PAGE)
    assert sum(case.id.endswith(":again") for batch in batches for case in batch) > 1000


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("sign_key.hmac:first-5f", "the allowed first characters are not known: there is no verdict on '_'"),
        ("sign_key.hmac:later-2a", "the allowed characters are not known: there is no verdict on '*'"),
        ("sign_key.hmac:length-7", "the shortest length is not known: there is no verdict on the lengths beside 8"),
        ("sign_key.hmac:length-34", "the longest length is not known: there is no verdict on the lengths beside 32"),
    ],
)
def test_a_cell_without_a_verdict_is_not_known(part: str, said: str) -> None:
    judge = accepted_by(PAGE)
    learned, _ = asked_by(lambda case: None if part in case.id else judge(case))
    assert f"sign_key of hmac: {said}" in words(learned)
    assert learned.rows[1] is None
    assert [as_sets(rule) for rule in learned.rows if rule] == [cells(row) for row in PAGE if row is not HMAC]


def test_a_length_without_a_verdict_changes_no_cell() -> None:
    judge = accepted_by(PAGE)

    def answer(case: Case) -> bool | None:
        is_meant = case.body.get("sign_type") == "hmac" and len(case.body.get("sign_key", "")) == 20
        return None if is_meant else judge(case)

    learned, _ = asked_by(answer)
    assert "sign_key of hmac: there is no verdict on 20 characters" in words(learned)
    assert None not in learned.rows


def test_a_value_without_a_verdict_takes_none_from_the_value_beside_it() -> None:
    judge = accepted_by(PAGE)
    learned, _ = asked_by(lambda case: None if "Q" in case.body.get("sign_key", "") else judge(case))
    assert [learned.rows[number] is None for number in range(10)] == [False, *[True] * 5, *[False] * 4]


# Rows that cannot be learnt.


def test_a_row_that_accepts_nothing_is_not_known() -> None:
    rows = with_row(AES_128._replace(lengths=range(0)))
    learned = learn(gateway(rows), controls=True)
    assert_exact(learned, rows)
    said = "none of the many values that were tried is accepted, so this row is not known"
    assert words(learned) == [f"sign_key of aes with aes-128-cfb: {said}"]


def test_without_names_no_row_is_known() -> None:
    learned = learn(lambda _: False)
    assert learned.rows == (None,) * 10
    assert words(learned)[1] == "sign_key of hmac: not asked, because no name is accepted"
    assert len(learned.differences) == 10


def test_without_a_longest_length_the_row_is_not_known() -> None:
    learned = learn(gateway(with_row(HMAC._replace(lengths=range(8, 1 << 20)))))
    said = f"the longest length is not known: {LONGEST} characters are accepted, and no longer value was tried"
    assert words(learned) == [f"sign_key of hmac: {said}"]
    assert learned.rows[1] is None


def test_other_rows_are_learnt_with_the_few_names_that_there_are() -> None:
    """Two of the names of one character are there, so no batch has more than two cases."""
    rows = [NAME._replace(lengths=range(1, 2), first=frozenset("kA")), *PAGE[1:]]
    learned, batches = asked_by(accepted_by(rows))
    assert learned.rows[0] is None
    assert [as_sets(rule) for rule in learned.rows[1:]] == [cells(row) for row in PAGE[1:]]
    assert (
        "name: the allowed characters are not known: no value is accepted that is longer than one character"
        in words(learned)
    )
    assert max(len(batch) for batch in batches[-20:]) == 2


def test_a_row_is_tried_with_every_kind_of_key() -> None:
    judge = gateway(PAGE)

    def answer(body: dict[str, str]) -> bool:
        wrong = body.get("sign_algorithm") == "aes-256-cfb" and len(body.get("sign_secret", "")) == 16
        return judge(body).accepted and not wrong

    learned = learn(answer)
    assert words(learned) == ["sign_secret of aes: a value is accepted with aes-128-cfb and refused with aes-256-cfb"]
    assert None not in learned.rows


def test_a_gateway_that_takes_no_key_of_the_first_kind_is_learnt_with_another() -> None:
    judge = gateway(PAGE)
    learned = learn(lambda body: body["sign_type"] != "hmac" and judge(body).accepted)
    said = "none of the many values that were tried is accepted, so this row is not known"
    assert words(learned) == [
        "name: a value is accepted with basic and refused with hmac",
        f"sign_key of hmac: {said}",
        f"sign_secret of hmac: {said}",
    ]
    is_hmac = [row.sign_type == "hmac" for row in PAGE]
    assert [rule is None for rule in learned.rows] == is_hmac


def test_no_two_cases_have_one_id_whatever_is_refused() -> None:
    judge = accepted_by(PAGE)
    _, batches = asked_by(lambda case: case.body["sign_type"] == "public_key" and judge(case))
    ids = [case.id for batch in batches for case in batch]
    assert len({*ids}) == len(ids)


def test_values_that_may_not_stand_together_are_said() -> None:
    judge = gateway(PAGE)
    learned = learn(lambda body: judge(body).accepted and body.get("sign_key") != body.get("sign_secret", ""))
    start = "sign_key of aes with aes-128-cfb: a value is refused beside one of another member, although each is "
    (said,) = words(learned)
    assert said.startswith(f"{start}accepted alone ('k', then 'k' throughout, 16 characters; beside a sign_secret: 'k'")
    assert re.search(r"; and \d+ more values\)$", said)
    assert None not in learned.rows


def test_a_row_is_not_known_if_its_values_are_refused_alone() -> None:
    judge = gateway(PAGE)
    learned = learn(lambda body: judge(body).accepted and ("sign_key" in body) == ("sign_secret" in body))
    assert learned.rows[0] is not None
    assert learned.rows[1:] == (None,) * 9
    said = "a value that was accepted is refused alone, so this row is not known"
    assert [f"sign_key of {kind}: {said}" in words(learned) for kind in ("hmac", "basic", "public_key")] == [True] * 3
    assert len(learned.differences) == 9


def test_the_first_values_that_are_refused_for_what_they_hold_are_said() -> None:
    """The page does not ask for a digit. A row with one in its sets cannot say that it must be there."""
    judge = gateway(PAGE)

    def answer(body: dict[str, str]) -> bool:
        secret = body.get("sign_secret")
        return judge(body).accepted and (secret is None or any(map(str.isdigit, secret)))

    learned = learn(answer)
    assert [as_sets(rule) for rule in learned.rows] == [cells(row) for row in PAGE]
    assert words(learned)[0] == (
        "sign_secret of hmac: a value is refused although all its parts are accepted "
        "('k', then 'k' throughout, 19 characters; and 11 more values)"
    )
    assert len(words(learned)) == 4


def test_a_kind_of_key_without_a_verdict_is_said() -> None:
    judge = accepted_by(PAGE)
    learned, _ = asked_by(lambda case: None if "with-aes" in case.id else judge(case))
    assert words(learned) == ["sign_secret of aes: there is no verdict on a value with aes-256-cfb"]


def test_a_judge_must_answer_and_may_keep_the_body() -> None:
    with pytest.raises(TypeError, match=r"^answer must return a bool or a Verdict, not NoneType$"):
        learn(lambda _: None)  # type: ignore[arg-type,return-value]  # that is the mistake
    judge = gateway(PAGE)

    def emptying(body: dict[str, str]) -> bool:
        accepted = judge(body).accepted
        body.clear()
        return accepted

    assert_exact(learn(emptying), PAGE)


# The table in words.


def strange() -> Learned:
    """A row with an unknown cell, a row that is not known, and a row with a hole."""
    key = HMAC._replace(lengths=range(7, 1 << 20), charset=HMAC.charset - {"Q"} | {"*", "|", "\n"})
    lengths = {*range(3, 65)} - {5}
    rows = {row[:3]: row for row in (key, AES_128._replace(lengths=()), NAME._replace(lengths=lengths))}
    return learn(gateway([rows.get(row[:3], row) for row in PAGE]), controls=True)


def test_the_table_of_a_right_gateway_is_that_of_the_page() -> None:
    learned = learn(gateway(PAGE))
    end = f"Every row is as on the page.\n\n{learned.requests} requests\n"
    assert _learnt_table.text(learned) == f"{text_table()}\n{end}"
    assert _learnt_table.markdown(learned) == f"{markdown_table()}\n{end}"
    assert json.loads(_learnt_table.json(learned)) == {
        "rows": json.loads(json_table()),
        "differences": [],
        "requests": learned.requests,
    }
    assert _learnt_table.csv(learned).replace(",\n", "\n").replace(",differences", "") == csv_table()


def test_the_text_marks_what_differs() -> None:
    lines = _learnt_table.text(strange()).splitlines()
    assert re.split("  +", lines[1]) == ["name", "3", "> 64", "letters, digits and _", "letter"]
    assert re.split("  +", lines[2]) == [
        "sign_key",
        "hmac",
        "> 7",
        "> ?",
        "> letters, digits and _ -, also '\\n', '*' and '|', not 'Q'",
        "> letter or digit",
    ]
    assert lines[5].split() == [">", "sign_key", "aes", "aes-128-cfb", *"????"]
    assert lines[12:] == [*words(strange()), "", f"{strange().requests} requests"]


def test_the_markdown_marks_what_differs() -> None:
    lines = _learnt_table.markdown(strange()).splitlines()
    cells = ["sign_key", "hmac", "", "**7**", "**?**"]
    assert lines[3].startswith(
        f"| {' | '.join(cells)} | **letters, digits and _ -, also '\\n', '*' and '\\|', not 'Q'** |"
    )
    assert lines[6] == "| **sign_key** | aes | aes-128-cfb | ? | ? | ? | ? |"
    assert lines[13] == "* name: 4 and 6 characters are accepted, and 5 are refused"


def test_json_and_csv_leave_out_what_is_not_known() -> None:
    learned = strange()
    table = json.loads(_learnt_table.json(learned))
    name, key, *_ = table["rows"]
    assert name["pattern"] == "[A-Za-z][A-Za-z0-9_]*"
    assert (key["min_length"], key["max_length"], key["pattern"]) == (7, None, None)
    assert set(key["charset"]) == HMAC.charset - {"Q"} | {"*", "|", "\n"}
    assert table["differences"][0] == {
        "row": "name",
        "column": "max_length",
        "cell": 64,
        "words": "name: 4 and 6 characters are accepted, and 5 are refused",
        "is_known": True,
    }
    rows = list(csv.DictReader(io.StringIO(_learnt_table.csv(learned))))
    assert [row["differences"] for row in rows if row["field"] == "name"] == [words(learned)[0]]
    assert (rows[1]["min_length"], rows[1]["max_length"], rows[1]["pattern"]) == ("7", "", "")
    assert rows[4]["charset"] == rows[4]["min_length"] == ""


def test_the_pattern_of_a_learnt_row_means_that_row() -> None:
    rows = with_row(HMAC._replace(charset=frozenset(PRINTABLE) - {"a"}, first=frozenset("k^]\\")))
    rule = learn(gateway(rows)).rows[1]
    assert rule is not None
    assert {c for c in ASCII if re.fullmatch(rule.pattern, "k" + c)} == {*PRINTABLE} - {"a"}
    assert {c for c in ASCII if re.fullmatch(rule.pattern, c)} == {*"k^]\\"}
