"""The place of an error, without what was given: an index and a declared member are told, the key of a dict is not.

What is declared stands in pydantic's core schema. A place is followed through it, part by part; where it may go on in
several ways, as in a union, all are followed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

# What an error of ours holds in the place of the input.
REDACTED: Final = "[redacted]"

# What pydantic itself puts behind the key of a dict, if the key is what is wrong.
_KEY: Final = "[key]"
_WITH_MEMBERS: Final = ("model-fields", "typed-dict", "dataclass-args", "named-tuple", "arguments", "arguments-v3")
_WITH_PARTS: Final = frozenset(
    ("fields", "arguments_schema", "choices", "keys_schema", "values_schema", "items_schema")
)
# In a schema, these hold no schema for the same value.
_OF_ANOTHER_VALUE: Final = frozenset(("config", "default", "definitions", "expected", "metadata", "serialization"))

Place = tuple[int | str, ...]
Schema = dict[str, Any]


def told_place(place: Place, schema: Schema | None) -> Place:
    """The place, with `REDACTED` for each part that is neither an index nor declared; without a schema, for all."""
    definitions = {one["ref"]: one for one in schema.get("definitions", ())} if schema else {}
    nodes = _nodes(schema, definitions)
    told: list[int | str] = []
    for part in place:
        ways = [way for node in nodes for way in _ways(node, part)]
        kinds = {kind for kind, _ in ways}
        # What may also be the key of a dict is not surely an index.
        is_told = part == _KEY or "declared" in kinds or kinds == {"counted"}
        told.append(part if is_told else REDACTED)
        if part != _KEY:
            nodes = _nodes([following for _, following in ways], definitions)
    return tuple(told)


def members(schemas: Mapping[Any, Any]) -> Schema:
    """The schema of an object with these members."""
    return {"type": "typed-dict", "fields": {name: {"schema": schema} for name, schema in schemas.items()}}


def _nodes(schema: Any, definitions: dict[str, Schema]) -> list[Schema]:
    """The schemas with parts that judge a value, inside those that have none: a default, a validator, a model."""
    nodes: list[Schema] = []
    seen: set[int] = set()
    left = [schema]
    while left:
        one = left.pop()
        if isinstance(one, list | tuple):
            left += one
        elif isinstance(one, dict) and "type" in one and id(one) not in seen:
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
    """What a part may be here, and the schemas that it leads to. An index, or the name of a choice, is counted."""
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
    """The schema of a value that stands at the end of a path."""
    for part in reversed(path):
        schema = members({part: schema})
    return schema
