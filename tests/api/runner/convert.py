"""Words `Key=value` as the parameters of an operation, typed by botocore's model of it."""

import json
import pathlib
import re

from .script import ScriptError


def parameters(shape, words, folder, strict):
    """`strict`: a member the model does not have is a mistake of the script; otherwise it is kept as text."""
    tree = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise ScriptError(f"expected Key=value, not {word!r}")
        if value.startswith("@"):
            value = pathlib.Path(folder, value[1:]).read_text()
        _put(tree, re.split(r"\.", key), value)
    return _typed(shape, tree, strict, "") if shape else tree


def _put(tree, path, value):
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise ScriptError(f"{name} has a value and members")
    tree[path[-1]] = value


def _typed(shape, value, strict, where):
    kind = shape.type_name
    if kind in ("structure", "list", "map") and isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            if strict:
                raise ScriptError(f"{where or 'the input'} takes JSON, not {value!r}") from None
            return value
    if kind == "structure" and isinstance(value, dict):
        return {name: _member(shape, name, inner, strict, where) for name, inner in value.items()}
    if kind == "map" and isinstance(value, dict):
        return {name: _typed(shape.value, inner, strict, f"{where}.{name}") for name, inner in value.items()}
    if kind == "list":
        if isinstance(value, dict):  # Key.0=… Key.1=…
            value = [value[index] for index in sorted(value, key=int)]
        if isinstance(value, list):
            return [_typed(shape.member, inner, strict, where) for inner in value]
    return _scalar(kind, value, strict, where)


def _member(shape, name, value, strict, where):
    if name in shape.members:
        return _typed(shape.members[name], value, strict, f"{where}.{name}")
    if strict:
        raise ScriptError(f"{shape.name} has no member {name}; it has {', '.join(shape.members)}")
    return value


def _scalar(kind, value, strict, where):
    if not isinstance(value, str):
        return value
    try:
        if kind in ("integer", "long"):
            return int(value)
        if kind in ("float", "double"):
            return float(value)
    except ValueError:
        if strict:
            raise ScriptError(f"{where} takes a number, not {value!r}") from None
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "blob":
        return value.encode("utf-8", "surrogateescape")
    return value
