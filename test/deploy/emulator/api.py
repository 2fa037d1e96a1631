"""Properties of CloudFormation, turned into calls of the emulator's own API; botocore judges them by the models of AWS."""

from __future__ import annotations

import functools
import os
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.model import ListShape, MapShape, Shape, StructureShape

from .errors import DeploymentError


@functools.lru_cache
def client(service: str, region: str) -> BaseClient:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        aws_access_key_id="deployment",
        aws_secret_access_key="deployment",
    )


def call(service: str, region: str, operation: str, properties: dict[str, Any], /, **parameters: Any) -> dict[str, Any]:
    """Calls with every property; one that the operation has no parameter for is an error."""
    api = client(service, region)
    shape = api.meta.service_model.operation_model(api.meta.method_to_api_mapping[operation]).input_shape
    if properties:
        parameters = {**_parameters(shape, properties, operation), **parameters}
    return getattr(api, operation)(**parameters)


def _parameters(shape: Shape, value: Any, path: str) -> Any:
    if isinstance(shape, StructureShape):
        members = {name.casefold(): name for name in shape.members}
        found = {}
        for key, item in value.items():
            name = members.get(key.casefold())
            if name is None:
                raise DeploymentError(f"{path} has no parameter {key}")
            found[name] = _parameters(shape.members[name], item, f"{path}.{name}")
        return found
    if isinstance(shape, ListShape):
        return [_parameters(shape.member, item, path) for item in value]
    if isinstance(shape, MapShape):
        return {key: _parameters(shape.value, item, f"{path}.{key}") for key, item in value.items()}
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name in ("double", "float"):
        return float(value)
    if shape.type_name == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if shape.type_name == "string":
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value
