"""JSON Schemas as Anthropic takes them, for tools and for answers that must fit one.

Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from chat.completions import InvalidRequest

Schema = dict[str, Any]

_FORMATS = frozenset("date-time time date duration email hostname uri ipv4 ipv6 uuid".split())
_UNIONS = ("anyOf", "oneOf", "allOf")
_DEFINITION = "#/$defs/"
# More than this in one request is refused.
_MOST_OPTIONAL = 24
_MOST_UNIONS = 16


class _Unfit(ValueError):
    pass


def input_schema(parameters: Mapping[str, Any] | None, where: str = "tools") -> Schema:
    """The schema of a tool's input, which must be that of an object, without a choice at its top.

    A choice becomes one object with the properties of all its variants. Raises `InvalidRequest` about the field
    `where` for what is no schema.
    """
    try:
        return _input_schema(parameters)
    except (AttributeError, TypeError) as exc:
        raise InvalidRequest("This is not a JSON Schema.", param=where, code="invalid_value") from exc


def _input_schema(parameters: Mapping[str, Any] | None) -> Schema:
    schema = _resolved(dict(parameters or {}), parameters or {})
    for union in _UNIONS:
        variants = [_resolved(variant, schema) for variant in schema.pop(union, None) or ()]
        _merge(schema, variants, every=union == "allOf")
    schema["type"] = "object"
    schema["properties"] = schema.get("properties") or {}
    return schema


def is_object(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "object" or "properties" in schema


def strict_schema(schema: Mapping[str, Any]) -> Schema | None:
    """The schema as the API holds an answer to it, or `None` if it cannot, or if it is none.

    What the API has no grammar for is said in the description, for the model to heed.
    """
    try:
        if _recurs(schema):
            return None
        strict = _strict(schema)
    except (_Unfit, AttributeError, TypeError):
        return None
    nodes = [*_nodes(strict)]
    optional = sum(
        len(node["properties"]) - len(node.get("required", ())) for node in nodes if _is_object_node(node)
    )
    unions = sum("anyOf" in node for node in nodes)
    return strict if optional <= _MOST_OPTIONAL and unions <= _MOST_UNIONS else None


def _resolved(schema: Any, root: Mapping[str, Any]) -> Schema:
    """Without a reference at its top."""
    if not isinstance(schema, dict):
        return {}
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return dict(schema)
    target: Any = root
    for step in reference.removeprefix("#/").split("/"):
        target = target.get(step) if isinstance(target, dict) else None
    rest = {name: value for name, value in schema.items() if name != "$ref"}
    return {**(target if isinstance(target, dict) else {}), **rest}


def _merge(schema: Schema, variants: list[Schema], *, every: bool) -> None:
    if not variants:
        return
    required = [set(variant.get("required") or ()) for variant in variants]
    demanded = set.union(*required) if every else set.intersection(*required)
    properties: Schema = {}
    for variant in variants:
        for name, value in (variant.get("properties") or {}).items():
            properties.setdefault(name, value)
    schema["properties"] = {**properties, **(schema.get("properties") or {})}
    if demanded := demanded | set(schema.get("required") or ()):
        schema["required"] = [name for name in schema["properties"] if name in demanded]


def _recurs(schema: Mapping[str, Any]) -> bool:
    definitions = schema.get("$defs") or {}
    cleared: set[str] = set()

    def leads_back(node: Any, path: tuple[str, ...]) -> bool:
        for name in set(_references(node)) - cleared:
            if name in path or name not in definitions or leads_back(definitions[name], (*path, name)):
                return True
            cleared.add(name)
        return False

    return leads_back({name: value for name, value in schema.items() if name != "$defs"}, ())


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference.removeprefix(_DEFINITION)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _strict(schema: Any) -> Schema:
    if not isinstance(schema, Mapping):
        raise _Unfit
    rest = dict(schema)
    strict: Schema = {}
    if definitions := rest.pop("$defs", None):
        strict["$defs"] = {name: _strict(each) for name, each in definitions.items()}
    if reference := rest.pop("$ref", None):
        return strict | {"$ref": reference}
    strict |= {name: rest.pop(name) for name in ("title", "description") if name in rest}
    strict |= _kind(rest)
    return _described(strict, rest)


def _kind(rest: Schema) -> Schema:
    """What the schema demands at its top, taken out of `rest`."""
    literal: Schema = {name: rest.pop(name) for name in ("enum", "const") if name in rest}
    variants = next((found for union in _UNIONS[:2] if (found := rest.pop(union, None))), None)
    kind = rest.pop("type", None)
    if literal:
        if any(isinstance(value, dict | list) for value in (literal.get("const"), *literal.get("enum", ()))):
            raise _Unfit
        return literal
    if variants:
        return {"anyOf": [_strict(variant) for variant in variants]}
    if parts := rest.pop("allOf", None):
        return {"allOf": [_strict(part) for part in parts]}
    kind = kind or _meant(rest)
    if isinstance(kind, list):
        shared = dict(rest)
        rest.clear()
        return {"anyOf": [_strict({**_of_kind(shared, each), "type": each}) for each in kind]}
    return {"type": kind, **_inside(kind, rest)}


def _meant(rest: Schema) -> str:
    if "properties" in rest:
        return "object"
    if "items" in rest:
        return "array"
    raise _Unfit


def _of_kind(shared: Schema, kind: Any) -> Schema:
    """Of several types one; what only another has a meaning for would be said of it for nothing."""
    return {} if kind == "null" else shared


def _inside(kind: Any, rest: Schema) -> Schema:
    match kind:
        case "object":
            return _object(rest)
        case "array":
            return _array(rest)
        case "string" if rest.get("format") in _FORMATS:
            return {"format": rest.pop("format")}
        case "string" | "integer" | "number" | "boolean" | "null":
            return {}
    raise _Unfit


def _object(rest: Schema) -> Schema:
    more = rest.pop("additionalProperties", None)
    properties = rest.pop("properties", None) or {}
    if more not in (None, False) or (more is None and not properties) or "patternProperties" in rest:
        raise _Unfit
    strict = {name: _strict(each) for name, each in properties.items()}
    required = [name for name in rest.pop("required", None) or () if name in strict]
    return {
        "properties": strict,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _array(rest: Schema) -> Schema:
    if "items" not in rest:
        raise _Unfit
    few = {"minItems": rest.pop("minItems")} if rest.get("minItems") in (0, 1) else {}
    return {"items": _strict(rest.pop("items")), **few}


def _described(strict: Schema, rest: Schema) -> Schema:
    rest.pop("$schema", None)
    if not rest:
        return strict
    demands = ", ".join(f"{name}: {_written(value)}" for name, value in rest.items())
    return strict | {"description": "\n\n".join(filter(None, [strict.get("description"), f"({demands})"]))}


def _written(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _nodes(node: Any) -> Iterator[Schema]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value)


def _is_object_node(node: Schema) -> bool:
    return node.get("type") == "object" and isinstance(node.get("properties"), dict)
