"""Writes the generated half of the client out of Fovea's OpenAPI description.

    python3 generate.py openapi.json           writes src/fovea/_types.py, _api.py, _async_api.py
    python3 generate.py --check openapi.json   says whether they are what it would write

The description is what a server gives out under /api/openapi.json. Only the
standard library is needed.
"""

from __future__ import annotations

import json
import keyword
import sys
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent / "src" / "fovea"
NOTE = '"""Generated from the OpenAPI description by generate.py; do not edit."""\n'
WIDTH = 96
SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
Schema = dict[str, Any]


def spelled(name: str) -> str:
    """A name of the description as a name of Python."""
    name = name.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name


def literal(value: Any) -> str:
    """A value of the description as Python writes it."""
    return json.dumps(value) if isinstance(value, str) else repr(value)


def union(types: list[str]) -> str:
    """One type of several; None last."""
    ordered = list(dict.fromkeys(part for part in types if part != "None"))
    return " | ".join(ordered + (["None"] if "None" in types else []))


def type_of(schema: Schema) -> str:
    """The type of what a schema describes."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return union([type_of(part) for part in schema[key]])
    if "allOf" in schema:
        return type_of(schema["allOf"][0]) if len(schema["allOf"]) == 1 else "dict[str, Any]"
    if "enum" in schema:
        return "Literal[" + ", ".join(literal(value) for value in schema["enum"]) + "]"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return union([type_of_kind(kind, schema) for kind in kinds]) if kinds else "Any"


def type_of_kind(kind: str, schema: Schema) -> str:
    if kind == "array":
        items = schema.get("items")
        return f"list[{type_of(items) if isinstance(items, dict) else 'Any'}]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"dict[str, {type_of(values) if isinstance(values, dict) else 'Any'}]"
    if kind == "string" and schema.get("format") == "binary":
        return "bytes"
    return SIMPLE[kind]


def comment(text: str | None, indent: str) -> list[str]:
    """A description as lines of a comment."""
    words, lines, line = (text or "").split(), [], f"{indent}#"
    for word in words:
        if len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = f"{indent}#"
        line += f" {word}"
    return lines + [line] if words else []


def docstring(text: str, indent: str) -> list[str]:
    """A description as a docstring."""
    escaped = text.replace("\\", "\\\\").replace('"""', "'''")
    lines = [f"{indent}{line}".rstrip() for line in escaped.strip().splitlines()]
    return [f'{indent}"""' + lines[0].strip()] + lines[1:] + [f'{indent}"""']


def parts_of(schema: Schema) -> tuple[list[str], Schema]:
    """The types that an object takes its fields from, and its own fields."""
    bases, own = [], {"properties": {}, "required": []}
    for part in schema.get("allOf", [schema]):
        if "$ref" in part:
            bases.append(type_of(part))
        else:
            own["properties"].update(part.get("properties", {}))
            own["required"] += part.get("required", [])
    return bases, own


def typed_dict(name: str, schema: Schema) -> list[str]:
    """The type of an object."""
    bases, own = parts_of(schema)
    needed = set(own["required"])
    fields = []
    for field, inner in own["properties"].items():
        kind = type_of(inner)
        fields.append((field, kind if field in needed else f"NotRequired[{kind}]", inner.get("description")))
    lines = ["", ""]
    if any(keyword.iskeyword(field) for field, _, _ in fields):
        # A class cannot have fields of such names.
        lines += [f"{name} = TypedDict(", f'    "{name}",', "    {"]
        for field, kind, about in fields:
            lines += comment(about, "        ") + [f'        "{field}": "{kind}",']
        return lines + ["    },", ")"]
    lines += [f"class {name}({', '.join(bases) or 'TypedDict'}):"]
    about = schema.get("description")
    lines += docstring(about, "    ") if about else ['    """As the description has it."""']
    for field, kind, about in fields:
        lines += [""] + comment(about, "    ") + [f"    {field}: {kind}"]
    return lines


def types(schemas: dict[str, Schema]) -> str:
    """The file of types; what others are made of comes before them."""
    lines, written = [NOTE, "from __future__ import annotations", ""], set()
    lines += ["from typing import Any, Literal, NotRequired, TypedDict, Union"]

    def write(name: str) -> None:
        if name in written:
            return
        written.add(name)
        schema = schemas[name]
        if "properties" not in schema and "allOf" not in schema:
            for part in schema.get("oneOf", []):
                if "$ref" in part:
                    write(type_of(part))
            kind = type_of(schema)
            members = ", ".join(f'"{part}"' for part in kind.split(" | "))
            alias = f"Union[{members}]" if " | " in kind else kind
            lines.extend(["", *comment(schema.get("description"), ""), f"{name} = {alias}"])
            return
        for base in parts_of(schema)[0]:
            write(base)
        lines.extend(typed_dict(name, schema))

    for name in schemas:
        write(name)
    return "\n".join(lines) + "\n"


class Operation:
    """One operation, as a method."""

    def __init__(self, method: str, path: str, described: Schema) -> None:
        self.method, self.path, self.described = method.upper(), path, described
        self.name = spelled(described["operationId"])
        parameters = described.get("parameters", [])
        self.of_path = [one for one in parameters if one["in"] == "path"]
        self.of_query = [one for one in parameters if one["in"] == "query"]
        self.of_header = [one for one in parameters if one["in"] == "header"]
        self.content = described.get("requestBody", {}).get("content", {})
        self.arguments: list[str] = []
        self.named: list[str] = []
        self.passed: list[str] = []
        self.take_body()
        self.take_parameters()

    def take_body(self) -> None:
        raw = [kind for kind in self.content if kind.startswith("image/") or kind == "application/octet-stream"]
        structured = self.content.get("application/json")
        form = self.content.get("multipart/form-data")
        if raw:
            self.arguments.append("data: File")
            self.passed.append("data=data")
        elif structured and form:
            self.arguments.append(f"body: {type_of(structured['schema'])}")
            self.named.append("media: File | None = None")
            self.passed += ["body=body", "media=media"]
        elif structured:
            self.arguments.append(f"body: {type_of(structured['schema'])}")
            self.passed.append("body=body")
        elif form:
            self.arguments.append("media: File")
            self.named.append("fields: Mapping[str, Any] | None = None")
            self.passed += ["body=fields or {}", "media=media"]

    def take_parameters(self) -> None:
        for key, parameters in (("query", self.of_query), ("headers", self.of_header)):
            pairs = []
            for one in parameters:
                name, kind = spelled(one["name"]), type_of(one["schema"])
                kind = kind.removesuffix(" | None")
                if one.get("required"):
                    self.named.insert(0, f"{name}: {kind}")
                else:
                    self.named.append(f"{name}: {kind} | None = None")
                pairs.append(f'"{one["name"]}": {name}')
            if pairs:
                self.passed.append(f"{key}={{{', '.join(pairs)}}}")

    def answer(self) -> tuple[str, str]:
        """What is given back: its type, and how the answer is read."""
        kinds: dict[str, Schema] = {}
        for status, response in self.described["responses"].items():
            if status.startswith("2"):
                kinds.update(response.get("content", {}))
        if "application/json" in kinds:
            return type_of(kinds["application/json"].get("schema", {})), "json"
        if "text/event-stream" in kinds:
            return "Iterator[Event]", "events"
        if any(kind.startswith("text/") for kind in kinds):
            return "str", "text"
        return ("bytes", "bytes") if kinds else ("None", "nothing")

    def lines(self, is_async: bool) -> list[str]:
        kind, reading = self.answer()
        if is_async and reading == "events":
            kind = "AsyncIterator[Event]"
        path = self.path
        for one in self.of_path:
            path = path.replace("{" + one["name"] + "}", "{quoted(" + spelled(one["name"]) + ")}")
        before = [f"{spelled(one['name'])}: {type_of(one['schema'])}" for one in self.of_path]
        arguments = ["self", *before, *self.arguments]
        if self.named:
            arguments += ["*", *self.named]
        is_streamed = reading == "events"
        head = "async def" if is_async and not is_streamed else "def"
        lines = ["", f"    {head} {self.name}("]
        lines += [f"        {argument}," for argument in arguments] + [f"    ) -> {kind}:"]
        lines += docstring(self.about(), "        ")
        prefix = "f" if "{" in path else ""
        passed = [f'"{self.method}"', f'{prefix}"{path}"', *self.passed, f'answer="{reading}"']
        wait = "await " if is_async and not is_streamed else ""
        call = "self._events" if is_streamed else "self._call"
        if is_streamed:
            passed = [one for one in passed[1:] if not one.startswith("answer=")]
        return lines + [f"        return {wait}{call}("] + [f"            {one}," for one in passed] + ["        )"]

    def about(self) -> str:
        words = [self.described.get("summary", ""), self.described.get("description", "")]
        told = [f"{spelled(one['name'])}: {' '.join(one['description'].split())}"
                for one in self.of_path + self.of_query + self.of_header if one.get("description")]
        paragraphs = [word for word in dict.fromkeys(words) if word]
        return "\n\n".join([*paragraphs, "\n".join(told)]).strip() or self.name


def operations(description: Schema) -> list[Operation]:
    methods = ("get", "post", "put", "delete", "patch")
    return [Operation(method, path, item[method])
            for path, item in description["paths"].items() for method in methods if method in item]


def api(found: list[Operation], is_async: bool) -> str:
    """The file of methods."""
    body = [line for operation in found for line in operation.lines(is_async)]
    text = "\n".join(body)
    names = sorted({word for word in words_of(text) if word[:1].isupper()} - {"None", "RFC"})
    base, name = ("AsyncTransport", "AsyncOperations") if is_async else ("Transport", "Operations")
    iterator = "AsyncIterator" if is_async else "Iterator"
    head = [
        NOTE, "from __future__ import annotations", "",
        f"from collections.abc import {iterator}, Mapping",
        "from typing import TYPE_CHECKING, Any, Literal", "",
        f"from ._transport import {base}, Event, File, quoted", "",
        "if TYPE_CHECKING:", "    from ._types import (",
        *[f"        {one}," for one in names if one in KNOWN], "    )", "", "",
        f"class {name}({base}):", '    """Every operation of the API, by its name in the description."""',
    ]
    return "\n".join(head) + "\n" + text + "\n"


def words_of(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c == "_" else " " for c in text).split()


KNOWN: set[str] = set()


def main(arguments: list[str]) -> int:
    check = "--check" in arguments
    [file] = [argument for argument in arguments if argument != "--check"]
    description = json.loads(Path(file).read_text(encoding="utf-8"))
    schemas = description["components"]["schemas"]
    KNOWN.update(schemas)
    found = operations(description)
    wanted = {
        "_types.py": types(schemas), "_api.py": api(found, False), "_async_api.py": api(found, True),
    }
    stale = []
    for name, text in wanted.items():
        path = PACKAGE / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"{', '.join(stale)} of the Python client differ from the description: run clients/python/generate.py")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
