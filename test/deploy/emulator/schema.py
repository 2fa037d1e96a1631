"""CloudFormation's own schemas of its resource types, as cfn-lint carries them."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import jsonschema
import regex

from .errors import DeploymentError


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
    """The schemas write patterns as Java does, with classes that Python's own module does not know."""
    if isinstance(instance, str) and not regex.search(pattern, instance):
        yield jsonschema.ValidationError("does not match")


def _pattern_properties(validator: Any, patterns: dict[str, Any], instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
    for pattern, subschema in patterns.items():
        for key, value in instance.items() if isinstance(instance, dict) else ():
            if regex.search(pattern, key):
                yield from validator.descend(value, subschema, path=key, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: dict[str, Any]) -> Iterator[jsonschema.ValidationError]:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key, value in instance.items() if isinstance(instance, dict) else ():
        if key in known or any(regex.search(pattern, key) for pattern in patterns):
            continue
        if allowed is False:
            yield jsonschema.ValidationError("has an unknown property")
        else:
            yield from validator.descend(value, allowed, path=key)


#: Files of cfn-lint, without its code, which needs more time to load than all else here.
SCHEMAS = pathlib.Path(str(importlib.metadata.distribution("cfn-lint").locate_file("cfnlint/data/schemas")))
#: Attributes that the documentation of a type has and its schema lacks.
DOCUMENTED = {
    ("AWS::EC2::VPC", "CidrBlock"), ("AWS::SQS::Queue", "QueueName"), ("AWS::Serverless::Application", "Outputs.RotationLambdaARN"),
    ("AWS::Backup::BackupVault", "BackupVaultName"),
}  # fmt: skip
READ_AS_JAVA_DOES = {"pattern": _pattern, "patternProperties": _pattern_properties, "additionalProperties": _additional_properties}
VALIDATOR = jsonschema.validators.extend(jsonschema.Draft7Validator, READ_AS_JAVA_DOES)


def _read(name: str) -> dict[str, Any]:
    return dict(json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8")))


@functools.lru_cache
def _types(region: str) -> dict[str, str]:
    """The name of each type's schema."""
    return {**_read(f"providers/{region}"), **_read("providers/sam")}


@functools.lru_cache
def schema_of(resource_type: str, region: str) -> dict[str, Any]:
    return _read(f"resources/{_types(region)[resource_type]}")


def replaced_by(resource_type: str, region: str) -> set[str]:
    """Properties whose change makes CloudFormation replace the resource."""
    paths = schema_of(resource_type, region).get("createOnlyProperties", [])
    return {path.split("/")[2] for path in paths}


def has_attribute(resource_type: str, region: str, name: str) -> bool:
    schema = schema_of(resource_type, region)
    path = "/properties/" + name.replace(".", "/")
    return (resource_type, name) in DOCUMENTED or path in schema.get("readOnlyProperties", []) or path in schema["primaryIdentifier"]


def validate(resource_type: str, region: str, properties: dict[str, Any]) -> dict[str, Any]:
    """The properties with the types that the schema states; says nothing of their values, which may be secrets."""
    schema = schema_of(resource_type, region)
    typed = _typed(schema, schema, properties)
    errors = [
        f"{'.'.join(str(part) for part in error.absolute_path) or 'the properties'} breaks `{error.validator}`"
        for error in VALIDATOR(schema).iter_errors(typed)
    ]
    if errors:
        raise DeploymentError(f"Properties validation failed: {'; '.join(sorted(errors))}")
    return typed


def _typed(root: dict[str, Any], schema: dict[str, Any], value: Any) -> Any:
    """CloudFormation takes '20' for 20 and 'true' for true, and the other way round."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rsplit("/", 1)[1]]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, dict):
        known = schema.get("properties", {})
        return {key: _typed(root, known.get(key, {}), item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(root, schema.get("items", {}), item) for item in value]
    if isinstance(value, bool):
        return str(value).lower() if kinds == ["string"] else value
    if isinstance(value, (int, float)):
        return str(value) if kinds == ["string"] else value
    if "boolean" in kinds and "string" not in kinds and value in ("true", "false"):
        return value == "true"
    if "integer" in kinds and "string" not in kinds and value.lstrip("-").isdigit():
        return int(value)
    return value
