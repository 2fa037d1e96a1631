"""What every resource type has in common."""

from __future__ import annotations

import dataclasses
import random
import string
from collections.abc import Callable
from typing import Any, ClassVar

from .api import call
from .errors import DeploymentError
from .schema import has_attribute, replaced_by

HANDLERS: dict[str, type[Handler]] = {}


def resource(kind: str) -> Callable[[type[Handler]], type[Handler]]:
    """Says which type a handler is for."""

    def register(handler: type[Handler]) -> type[Handler]:
        HANDLERS[kind] = handler
        handler.kind = kind
        return handler

    return register


def handler_of(kind: str) -> type[Handler]:
    known = HANDLERS.get("Custom::*" if kind.startswith("Custom::") else kind)
    if known is None:
        raise DeploymentError(f"The emulator knows no type {kind}, and drops none")
    return known


@dataclasses.dataclass
class Resource:
    """A resource that is there, as a stack names it."""

    physical_resource_id: str
    attributes: dict[str, Any] = dataclasses.field(default_factory=dict)
    region: str = ""
    cf_resource_type: str = ""
    logical_resource_id: str = ""
    #: As the template states them, with dynamic references unresolved: CloudFormation compares nothing else.
    properties: dict[str, Any] = dataclasses.field(default_factory=dict)
    definition: dict[str, Any] = dataclasses.field(default_factory=dict)
    handler: Any = None

    def get_cfn_attribute(self, name: str) -> Any:
        known = self.cf_resource_type.startswith("Custom::") or has_attribute(self.cf_resource_type, self.region, name)
        if not known or name not in self.attributes:
            raise DeploymentError(f"{self.logical_resource_id} ({self.cf_resource_type}) has no attribute {name}")
        return self.attributes[name]


class Handler:
    """Creates, changes and deletes resources of one type."""

    kind: ClassVar[str]
    has_schema: ClassVar[bool] = True

    def __init__(self, account: str, region: str, stack: str, stack_id: str, key: str) -> None:
        self.account, self.region, self.stack, self.stack_id, self.key = account, region, stack, stack_id, key

    def create(self, p: dict[str, Any]) -> Resource:
        raise NotImplementedError

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        raise DeploymentError(f"The emulator does not know how {', '.join(sorted(changed))} of {self.kind} changes")

    def delete(self, it: Resource, snapshot: bool) -> None:
        raise NotImplementedError

    def replaced_by(self, kind: str) -> set[str]:
        return replaced_by(kind, self.region)

    def made(self, name: str, **attributes: Any) -> Resource:
        return Resource(name, attributes, self.region)

    def call(self, service: str, operation: str, properties: dict[str, Any] | None = None, /, **parameters: Any) -> dict[str, Any]:
        return call(service, self.region, operation, properties or {}, **parameters)

    def name(self, longest: int) -> str:
        """A name as CloudFormation makes one."""
        end = "".join(random.choices(string.ascii_uppercase + string.digits, k=12))
        return f"{self.stack}-{self.key}"[: longest - 13].rstrip("-") + f"-{end}"

    def only(self, changed: set[str], *known: str) -> None:
        """Refuses a change that nothing here makes."""
        if changed - set(known):
            Handler.update(self, Resource(""), {}, changed - set(known))
