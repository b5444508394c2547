"""The place of a pydantic error, without the input: indexes and declared members are shown, keys of a dict are not.

pydantic's core schema says what is declared. A place is followed through the schema, part by part. If several ways lead
on, as in a union, all of them are followed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

# Our errors hold this instead of the input.
REDACTED: Final = "[redacted]"

# pydantic adds this part after the key of a dict if the key itself is wrong.
_KEY: Final = "[key]"
_WITH_MEMBERS: Final = ("model-fields", "typed-dict", "dataclass-args", "named-tuple", "arguments", "arguments-v3")
_WITH_PARTS: Final = frozenset(
    ("fields", "arguments_schema", "choices", "keys_schema", "values_schema", "items_schema")
)
# These members of a schema hold no schema for the same value.
_OF_ANOTHER_VALUE: Final = frozenset(("config", "default", "definitions", "expected", "metadata", "serialization"))

Place = tuple[int | str, ...]
# A dict, or the stand-in that pydantic has for one which it builds late.
Schema = Mapping[str, Any]


def told_place(place: Place, schema: Schema | None) -> Place:
    """The place, with `REDACTED` for each part that is neither an index nor declared; without a schema, for all."""
    definitions = {one["ref"]: one for one in schema.get("definitions", ())} if schema else {}
    nodes = _nodes(schema, definitions)
    told: list[int | str] = []
    for part in place:
        ways = [way for node in nodes for way in _ways(node, part)]
        kinds = {kind for kind, _ in ways}
        # A number may be the key of a dict unless every way takes it for an index.
        is_told = part == _KEY or "declared" in kinds or kinds == {"counted"}
        told.append(part if is_told else REDACTED)
        if part != _KEY:
            nodes = _nodes([following for _, following in ways], definitions)
    return tuple(told)


def members(schemas: Mapping[Any, Any]) -> Schema:
    """The schema of an object with these members."""
    return {"type": "typed-dict", "fields": {name: {"schema": schema} for name, schema in schemas.items()}}


def _nodes(schema: Any, definitions: dict[str, Schema]) -> list[Schema]:
    """The schemas that judge the parts of a value. A default, a validator or a model only wraps them."""
    nodes: list[Schema] = []
    seen: set[int] = set()
    left = [schema]
    while left:
        one = left.pop()
        if isinstance(one, list | tuple):
            left += one
        elif isinstance(one, Mapping) and "type" in one and id(one) not in seen:
            seen.add(id(one))
            if one["type"] == "definition-ref":
                left.append(definitions.get(one["schema_ref"]))
            elif one["type"] in _WITH_MEMBERS or (
                one["type"] not in {"call", "dataclass"} and _WITH_PARTS & one.keys()
            ):
                nodes.append(one)
            else:
                left += [inner for word, inner in one.items() if word not in _OF_ANOTHER_VALUE]
    return nodes


def _ways(node: Schema, part: int | str) -> Iterator[tuple[Literal["declared", "counted", "foreign"], Any]]:
    """The kinds of part that this may be, each with the schemas that follow. "counted": an index or a choice's name."""
    match node["type"]:
        case "union":  # the part is the name of a choice
            yield "counted", node["choices"]
        case "tagged-union":
            for tag, choice in node["choices"].items():
                if str(getattr(tag, "value", tag)) == str(part):
                    yield "declared", choice
        case kind if kind in _WITH_MEMBERS:
            declared: Any = node.get("fields", node.get("arguments_schema"))
            by_name = declared.items() if isinstance(declared, dict) else [(one["name"], one) for one in declared]
            for name, member in by_name:
                for first, *rest in ([name], *_aliases(member)):
                    if part == first:
                        yield "declared", _behind(rest, member["schema"])
            if isinstance(part, str):
                yield "foreign", [node.get("extras_schema"), node.get("var_kwargs_schema")]
            elif isinstance(declared, list):  # an argument by its index
                yield "counted", [*(member["schema"] for member in declared), node.get("var_args_schema")]
        case _ if "items_schema" in node:
            if isinstance(part, int):
                yield "counted", node["items_schema"]
        case _:
            yield "foreign", [node.get("keys_schema"), node.get("values_schema")]


def _aliases(member: Schema) -> list[list[int | str]]:
    """The aliases of a member, each as a path."""
    alias = member.get("validation_alias", member.get("alias"))
    if alias is None:
        return []
    if isinstance(alias, str):
        return [[alias]]
    return alias if isinstance(alias[0], list) else [alias]


def _behind(path: list[int | str], schema: Schema) -> Schema:
    """The schema of an object that holds the value at the end of a path."""
    for part in reversed(path):
        schema = members({part: schema})
    return schema
