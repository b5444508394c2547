"""The `validation` block, in Terraform where it is installed, and its pattern in RE2, on which Terraform's is built."""

import json
import subprocess
import unicodedata
from pathlib import Path
from typing import get_args

import hcl2
import pytest
import re2

from signrules import SignAlgorithm, SignType, check
from signrules.export import Block, terraform_validation

from ..labelled import QUESTIONS, labelled_values
from ..needs import program
from ..questions import Question
from .judged import judged


def block(question: Question, variable: str | None = None) -> str:
    return terraform_validation(question.field, variable=variable, **question.kind)


def parsed(question: Question) -> dict[str, str]:
    """The block's attributes, as a parser of HCL reads them."""
    (found,) = hcl2.loads(block(question))["validation"]
    return {name: str(value).strip('"') for name, value in found.items() if not name.startswith("__")}


def condition(question: Question, variable: str) -> str:
    line = block(question, variable).splitlines()[1]
    return line.partition(" = ")[2]


def test_the_block() -> None:
    assert terraform_validation("sign_key", sign_type="basic") == (
        "validation {\n"
        '  condition     = var.sign_key == null ? true : can(regex("^[A-Za-z][A-Za-z0-9_-]*$", var.sign_key))'
        " && (length(var.sign_key) >= 4 && length(var.sign_key) <= 32)\n"
        '  error_message = "The sign_key must be 4 to 32 characters long; may contain only letters, digits and _ -; '
        'must start with a letter."\n'
        "}\n"
    )
    assert "var.name == null ? false : " in terraform_validation("name")
    assert "var.key-2 == null" in terraform_validation("sign_key", variable="key-2")


@pytest.mark.parametrize("variable", ["", "2nd", "-a", "a b", "a.b", 'a"', "a\n", "${x}"])
def test_a_variable_that_terraform_cannot_have(variable: str) -> None:
    with pytest.raises(ValueError, match="variable must be"):
        terraform_validation("name", variable=variable)


def test_the_blocks_are_those_of_the_type() -> None:
    for name in get_args(Block):
        assert terraform_validation("name", block=name).startswith(f"{name} {{\n")
    assert get_args(Block) == ("validation", "precondition")


def test_a_wrong_question() -> None:
    with pytest.raises(LookupError):
        terraform_validation("key")  # type: ignore[arg-type]  # what this test is about
    with pytest.raises(LookupError, match="block must be validation or precondition"):
        terraform_validation("name", block="check")  # type: ignore[arg-type]  # the same


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_a_parser_reads_it(question: Question) -> None:
    attributes = parsed(question)
    assert set(attributes) == {"condition", "error_message"}
    # Older versions of Terraform demand a sentence.
    assert attributes["error_message"][0].isupper()
    assert attributes["error_message"].endswith(".")


@judged(
    "terraform_validation",
    "RE2",
    "pip google-re2",
    form="the pattern alone",
    length="not",
    differences="refuses counts above 1,000; the block therefore states the length apart",
)
def test_every_value_by_its_pattern_in_re2() -> None:
    """The length apart, as in the block: RE2 refuses counts above 1,000."""
    patterns = {str(question): condition(question, "v").split('"')[1] for question in QUESTIONS}
    asked = 0
    for value in labelled_values():
        try:
            found = re2.search(patterns[str(value.question)], value.text) is not None
        except UnicodeEncodeError:
            assert value.broken
            continue
        asked += 1
        length = any(fact.min_length <= len(value.text) <= fact.max_length for fact in value.question.facts())
        assert (found and length) is value.is_valid, value
    assert asked > 9000


def test_an_engine_difference_re2_refuses_more_than_a_thousand_repeats() -> None:
    options = re2.Options()
    options.log_errors = False
    with pytest.raises(re2.error):
        re2.compile("[a-z]{15,2047}", options)


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = program("terraform", package="terraform (from its makers; Debian has none)")
    command = [path, f"-chdir={folder}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@judged(
    "terraform_validation",
    "Terraform",
    "program terraform",
    differences="normalises every text to NFC, so that a Kelvin sign becomes a K; prints what a `validation` refuses",
)
def test_every_value_in_terraform(tmp_path: Path) -> None:
    """All conditions of all values in one plan; Terraform makes U+FFFD of a lone surrogate, which is as wrong."""
    values = [[value.text for value in labelled_values() if value.question is question] for question in QUESTIONS]
    (tmp_path / "values.json").write_text(json.dumps(values), encoding="utf-8")
    lists = ",\n".join(
        f"[for v in local.values[{n}] : {condition(question, 'v').replace('var.v', 'v')}]"
        for n, question in enumerate(QUESTIONS)
    )
    (tmp_path / "main.tf").write_text(
        'locals {\n  values = jsondecode(file("values.json"))\n}\n'
        f'output "verdicts" {{\n  value = jsonencode([\n{lists}\n  ])\n}}\n'
    )
    done = terraform(tmp_path, "apply", "-auto-approve", "-input=false")
    assert done.returncode == 0, done.stderr
    done = terraform(tmp_path, "output", "-raw", "verdicts")
    for question, verdicts in zip(QUESTIONS, json.loads(done.stdout), strict=True):
        labelled = [value for value in labelled_values() if value.question is question]
        for value, verdict in zip(labelled, verdicts, strict=True):
            # Terraform normalises every text to NFC before anybody sees it; see the test below.
            arrives = unicodedata.normalize("NFC", value.text)
            assert verdict is (not question.broken_by(arrives)), value


def test_an_engine_difference_terraform_makes_a_k_of_a_kelvin_sign(tmp_path: Path) -> None:
    assert check("name", "\N{KELVIN SIGN}ey")[0].code == "charset"
    (tmp_path / "main.tf").write_text('output "k" {\n  value = "\N{KELVIN SIGN}ey"\n}\n', encoding="utf-8")
    terraform(tmp_path, "apply", "-auto-approve", "-input=false")
    assert terraform(tmp_path, "output", "-raw", "k").stdout == "Key"


KINDS: list[tuple[SignType, SignAlgorithm | None, str, bool]] = [
    ("hmac", None, '"abcdefgh"', True),
    ("hmac", None, '"abcdefgh\\n"', False),
    ("hmac", None, '"-bcdefgh"', False),
    ("hmac", None, "null", True),
    ("aes", None, '"abcdefghabcdefgh"', True),
    ("aes", None, '"abcdefghabcdefgha"', False),
    ("aes", "aes-256-cfb", '"abcdefghabcdefgh"', False),
]


@pytest.mark.parametrize(("sign_type", "algorithm", "value", "is_valid"), KINDS)
def test_a_variable_in_terraform(
    tmp_path: Path, sign_type: SignType, algorithm: SignAlgorithm | None, value: str, is_valid: bool
) -> None:
    validation = terraform_validation("sign_key", sign_type=sign_type, sign_algorithm=algorithm)
    (tmp_path / "main.tf").write_text(
        f'variable "sign_key" {{\n  type = string\n  default = null\n  sensitive = true\n{validation}}}\n'
    )
    (tmp_path / "terraform.tfvars").write_text(f"sign_key = {value}\n")
    done = terraform(tmp_path, "plan", "-input=false", "-no-color")
    assert (done.returncode == 0) is is_valid, done.stderr
    assert ("The sign_key must be" in " ".join(done.stderr.split())) is not is_valid


def test_an_engine_difference_terraform_prints_what_a_validation_refuses(tmp_path: Path) -> None:
    """Even of a sensitive variable. Of what a precondition refuses, it prints nothing."""
    variable = 'variable "sign_key" {{\n  type = string\n  sensitive = true\n{}}}\n'
    (tmp_path / "terraform.tfvars").write_text('sign_key = "-canary"\n')
    (tmp_path / "main.tf").write_text(variable.format(terraform_validation("sign_key")))
    assert 'var.sign_key is "-canary"' in terraform(tmp_path, "plan", "-input=false", "-no-color").stderr
    block = terraform_validation("sign_key", block="precondition")
    (tmp_path / "main.tf").write_text(f'{variable.format("")}output "o" {{\n  value = 1\n{block}}}\n')
    done = terraform(tmp_path, "plan", "-input=false", "-no-color")
    assert done.returncode
    assert "The sign_key must be 8 to 32" in " ".join(done.stderr.split())
    assert "canary" not in done.stderr + done.stdout


def test_a_name_that_is_null_in_terraform(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        f'variable "name" {{\n  type = string\n  default = null\n{terraform_validation("name")}}}\n'
    )
    done = terraform(tmp_path, "plan", "-input=false", "-no-color")
    assert "The name must be 3 to 64 characters long" in " ".join(done.stderr.split())
