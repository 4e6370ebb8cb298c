"""Holds answers against the description that the interface gives of itself: as much of JSON Schema as
that uses, and anything else in it is an error.
"""

KEYWORDS = {"type", "nullable", "enum", "format", "properties", "required", "additionalProperties",
            "items", "$ref", "default", "minimum", "maximum"}

TYPES = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def check(description, method, path, answer):
    """Raises AssertionError where the answer is not one that the description names."""
    operation = description["paths"][path][method.lower()]
    response = operation["responses"].get(str(answer.status))
    if response is None:
        raise AssertionError(f"{method} {path}: {answer.status} is not described")
    content = resolve(description, response).get("content")
    if content is None:
        if answer.body:
            raise AssertionError(f"{method} {path}: a body that is not described")
        return
    given = answer.headers["Content-Type"].split(";")[0]
    if given not in content:
        raise AssertionError(f"{method} {path}: {given} is not among {list(content)}")
    if given == "application/json":
        check_value(description, content[given]["schema"], answer.json, f"{method} {path}")


def resolve(description, schema):
    if "$ref" not in schema:
        return schema
    found = description
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def check_value(description, schema, value, place):
    schema = resolve(description, schema)
    if unknown := set(schema) - KEYWORDS:
        raise AssertionError(f"{place}: this check does not know {unknown}")
    if value is None and schema.get("nullable"):
        return
    if not TYPES[schema["type"]](value):
        raise AssertionError(f"{place}: {value!r} is no {schema['type']}")
    if "enum" in schema and value not in schema["enum"]:
        raise AssertionError(f"{place}: {value!r} is not among {schema['enum']}")
    for number, item in enumerate(value if schema["type"] == "array" else ()):
        check_value(description, schema["items"], item, f"{place}[{number}]")
    if schema["type"] == "object":
        check_members(description, schema, value, place)


def check_members(description, schema, value, place):
    if missing := set(schema.get("required", ())) - set(value):
        raise AssertionError(f"{place}: without {missing}")
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for name, member in value.items():
        if name in properties:
            check_value(description, properties[name], member, f"{place}.{name}")
        elif others is False:
            raise AssertionError(f"{place}: {name} is not described")
        elif others is not True:
            check_value(description, others, member, f"{place}.{name}")
