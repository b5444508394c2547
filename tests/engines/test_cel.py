"""The expressions of CEL, in Google's engine for C++, the crate `cel` of Rust, cel-python and protovalidate."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import cel as rust_cel
import celpy
import protovalidate
import pytest
import yaml
from cel_expr_python import cel as cpp_cel
from celpy.adapter import json_to_cel
from celpy.evaluation import CELEvalError
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    field_mask_pb2,
    json_format,
    message_factory,
    struct_pb2,
    timestamp_pb2,
)
from google.protobuf.message import Message
from grpc_tools import protoc
from protovalidate._gen.buf.validate import validate_pb

from signrules import check, check_request
from signrules.export import cel, html_attributes

from .. import oracle
from ..labelled import QUESTIONS, Value, is_unicode, labelled_bodies, labelled_values
from ..pages import ROOT
from .judged import judged

# An expression about `self` is compiled to the verdict on a value, as a JSON parser returns it.
Verdict = Callable[[Any], bool]
Engine = Callable[[str], Verdict]
Body = tuple[Any, list[tuple[str, str, int | None]]]


def rust(expression: str) -> Verdict:
    program = rust_cel.compile(expression)
    return lambda value: program.execute({"self": value}) is True


CPP = cpp_cel.NewEnv(variables={"self": cpp_cel.Type.DYN})


def cpp(expression: str) -> Verdict:
    """The value goes there as a message that holds any JSON; see the test below for a `str`."""
    program = CPP.compile(expression)
    return lambda value: program.eval(data={"self": json_format.ParseDict(value, struct_pb2.Value())}).value() is True


PYTHON = celpy.Environment()


def python(expression: str) -> Verdict:
    program = PYTHON.program(PYTHON.compile(expression))
    return lambda value: bool(program.evaluate({"self": json_to_cel(value)}))


def unanswered(engine: Engine, values: list[Value], bodies: list[Body]) -> list[object]:
    """Demands the verdict of the oracle on each; the result has those to which the engine answers by an error.

    An error accepts nothing, and so each of them must be wrong.
    """
    verdicts = {str(question): engine(cel(question.field, **question.kind)) for question in QUESTIONS}
    verdict_on_body = engine(cel())
    labelled: list[tuple[Verdict, Any, bool]] = [
        (verdicts[str(value.question)], value.text, value.is_valid) for value in values
    ]
    labelled += [(verdict_on_body, body, not broken) for body, broken in bodies]
    without_answer: list[object] = []
    for verdict, value, is_valid in labelled:
        try:
            accepted = verdict(value)
        except (ValueError, TypeError, CELEvalError):
            without_answer.append(value)
            accepted = False
        assert accepted is is_valid, ascii(value)
    return without_answer


@judged(
    "cel",
    "Google's CEL for C++",
    "pip cel-expr-python",
    body="exactly",
    differences="holds no lone surrogate; called from Python with a str, it sees the text up to a NUL",
)
def test_every_value_and_every_body_in_googles_engine() -> None:
    without_answer = unanswered(cpp, labelled_values(), labelled_bodies())
    assert len(without_answer) > 100
    assert not any(map(is_unicode, without_answer))


@judged(
    "cel",
    "the crate cel of Rust",
    "pip common-expression-language",
    body="exactly",
    differences="holds no lone surrogate; counts bytes by `size`, which changes no verdict",
)
def test_every_value_and_every_body_in_rust() -> None:
    without_answer = unanswered(rust, labelled_values(), labelled_bodies())
    assert len(without_answer) > 100
    assert not any(map(is_unicode, without_answer))


@judged(
    "cel",
    "cel-python",
    "pip cel-python",
    body="exactly",
    share="one value in 11, one body in 29",
    differences="answers by an error for a lone surrogate, a number beyond 64 bits, and a body that is no object",
)
def test_a_part_of_all_values_and_bodies_in_python() -> None:
    """This engine would take half a minute for all of them."""
    without_answer = unanswered(python, labelled_values()[::11], labelled_bodies()[::29])
    assert without_answer
    for value in without_answer:
        assert not is_unicode(value) or not isinstance(value, dict) or 2**70 in value.values(), ascii(value)


def test_an_engine_difference_rust_counts_bytes() -> None:
    """No text with a character of several bytes is right, however long it is."""
    assert cpp("size(self) == 2")("é😀")
    assert python("size(self) == 2")("é😀")
    assert rust("size(self) == 6")("é😀")


def test_an_engine_difference_googles_engine_sees_a_str_of_python_up_to_a_nul() -> None:
    """It is the binding that cuts: the engine judges a whole text rightly."""
    expression = cel("name")
    assert check("name", "orders\0")
    assert CPP.compile(expression).eval(data={"self": "orders\0"}).value() is True
    assert not cpp(expression)("orders\0")
    literal = expression.replace("self", r"'orders\x00'")
    assert CPP.compile(literal).eval(data={}).value() is False


def test_an_engine_difference_an_integer_beyond_64_bits() -> None:
    body = {"name": 2**70}
    assert [(v.field, v.code) for v in check_request(body)] == [("name", "type")]
    assert not rust(cel())(body)
    assert not cpp(cel())(body)
    with pytest.raises(ValueError, match="overflow"):
        python(cel())(body)


def test_an_engine_difference_cel_python_answers_a_body_that_is_no_object_by_an_error() -> None:
    """The other engines do not ask for the members of what is no object."""
    assert not rust(cel())(None)
    assert not cpp(cel())(None)
    with pytest.raises(TypeError):
        python(cel())(None)


PAGE = (ROOT / "docs" / "how-to-cel.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The blocks of the how-to in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def typed_bodies() -> list[tuple[dict[str, str], bool]]:
    """The bodies that a schema with the five members as texts lets through, and whether they are right."""
    return [
        (body, not broken)
        for body, broken in labelled_bodies()
        if isinstance(body, dict) and set(body) <= set(oracle.MEMBERS)
        if all(isinstance(text, str) for text in body.values()) and is_unicode(body)
    ]


@judged("cel", "the crate cel of Rust", "pip common-expression-language", form="typed", body="exactly")
def test_everything_that_a_schema_lets_through_in_rust() -> None:
    verdict = rust(cel(typed=True))
    assert len(typed_bodies()) > 3000
    for body, is_valid in typed_bodies():
        assert verdict(body) is is_valid, ascii(body)
    verdicts = {str(question): rust(cel(question.field, typed=True, **question.kind)) for question in QUESTIONS}
    for value in labelled_values():
        if is_unicode(value.text):
            assert verdicts[str(value.question)](value.text) is value.is_valid, value


def test_the_definition_of_the_how_to() -> None:
    """It has the expressions that are judged here, and no length that refuses what they accept.

    The members have no rules. Newer releases of Kubernetes print a text that breaks a rule of its own, but no object.
    """
    (definition,) = yaml.safe_load_all(blocks("yaml")[0])
    (version,) = definition["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert spec["required"] == ["name"]
    of_name, of_body = spec["x-kubernetes-validations"]
    assert of_name["rule"] == cel("name", variable="self.name", typed=True)
    assert of_name["message"] == f"name {html_attributes('name')['title']}"
    assert of_body["rule"] == cel(typed=True) + "\n"
    longest = {fact.field: fact.max_length for fact in sorted(oracle.FACTS, key=lambda fact: fact.max_length)}
    longest |= {"sign_type": max(map(len, oracle.TYPES)), "sign_algorithm": max(map(len, oracle.ALGORITHMS))}
    assert spec["properties"] == {member: {"type": "string", "maxLength": longest[member]} for member in oracle.MEMBERS}


def test_the_policy_of_the_how_to() -> None:
    """As in Kubernetes, an error refuses the object, for example if there is no name to be judged."""
    policy, binding = yaml.safe_load_all(blocks("yaml")[1])
    assert policy["spec"]["failurePolicy"] == "Fail"
    assert binding["spec"]["policyName"] == policy["metadata"]["name"]
    of_name, of_body = policy["spec"]["validations"]
    assert of_name["message"] == f"name {html_attributes('name')['title']}"
    programs = [rust_cel.compile(validation["expression"]) for validation in (of_name, of_body)]
    for body, is_valid in typed_bodies():
        try:
            accepted = all(program.execute({"object": {"spec": body}}) is True for program in programs)
        except KeyError:
            assert "name" not in body
            accepted = False
        assert accepted is is_valid, ascii(body)


class Protobuf(NamedTuple):
    """The message of the how-to: the pool that knows it, and its class."""

    pool: descriptor_pool.DescriptorPool
    message: type[Message]


@pytest.fixture(scope="module")
def protobuf(tmp_path_factory: pytest.TempPathFactory) -> Protobuf:
    """Compiled by protoc, with the options of protovalidate, whose definition comes with its package."""
    folder = tmp_path_factory.mktemp("protobuf")
    (definition,) = blocks("proto")
    (folder / "key.proto").write_text(definition, encoding="utf-8")
    known = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2):
        module.DESCRIPTOR.CopyToProto(known.file.add())
    known.file.add().ParseFromString(validate_pb.desc().proto.to_binary())
    (folder / "known").write_bytes(known.SerializeToString())
    arguments = [f"--proto_path={folder}", f"--descriptor_set_in={folder}/known", f"--descriptor_set_out={folder}/all"]
    assert protoc.main(["protoc", *arguments, "--include_imports", "key.proto"]) == 0
    compiled = descriptor_pb2.FileDescriptorSet.FromString((folder / "all").read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in compiled.file:
        pool.Add(file)
    return Protobuf(pool, message_factory.GetMessageClass(pool.FindMessageTypeByName("example.SignatureKey")))


@judged(
    "cel",
    "protovalidate",
    "pip protovalidate",
    form="typed",
    body="exactly",
    differences="holds five members and nothing but texts in them, as the message says",
)
def test_the_message_of_the_how_to_in_protovalidate(protobuf: Protobuf) -> None:
    validator = protovalidate.Validator()
    for body, is_valid in typed_bodies():
        violations = validator.collect_violations(protobuf.message(**body))
        assert [each.proto.rule_id for each in violations] == ["signature_key"] * (not is_valid), ascii(body)


def test_an_object_with_a_type_has_no_list_of_its_members(protobuf: Protobuf) -> None:
    """For this reason there is `typed`. One value may be asked for its type anywhere."""
    variables = {"this": cpp_cel.Type("example.SignatureKey")}
    environment = cpp_cel.NewEnv(descriptor_pool=protobuf.pool, variables=variables)
    environment.compile(cel(variable="this", typed=True))
    environment.compile(cel("name", variable="this.name"))
    with pytest.raises(RuntimeError, match="cannot be the range of a comprehension"):
        environment.compile(cel(variable="this"))


def test_the_expressions() -> None:
    assert cel("name") == (
        "type(self) == string && (size(self) >= 3 && size(self) <= 64) && self.matches('^[A-Za-z][A-Za-z0-9_]*$')"
    )
    assert cel("sign_key", variable="a.b_2", typed=True, sign_type="aes") == (
        "(size(a.b_2) == 16 || size(a.b_2) == 32) && a.b_2.matches('^[A-Za-z0-9+/][A-Za-z0-9_!@#$%+/=-]*$')"
    )
    assert cel(variable="object.spec").endswith(f"\n&& {cel(variable='object.spec', typed=True)}")


@pytest.mark.parametrize("variable", ["self_member", "member", "namespace_", "object.namespace.map", "_"])
def test_a_path_that_is_near_to_a_word_of_cel(variable: str) -> None:
    body: object = {"name": "orders", "sign_type": "basic"}
    first, *others = variable.split(".")
    for name in reversed(others):
        body = {name: body}
    assert rust_cel.evaluate(cel(variable=variable), {first: body}) is True


PATHS = ["", "2nd", "a-b", "a b", "a..b", ".a", "a.", "a\n", "a['b']", "ключ", "in", "a.true", "namespace", "map.a"]


@pytest.mark.parametrize("variable", PATHS)
def test_a_path_that_cel_could_not_have(variable: str) -> None:
    with pytest.raises(ValueError, match="variable must be a name or a path of names"):
        cel(variable=variable)


def test_a_wrong_question() -> None:
    with pytest.raises(LookupError):
        cel("key")  # type: ignore[arg-type]  # what this test is about
