"""What moto finds out anew for each answer although it stays, and in the longest way."""

from __future__ import annotations

import functools
import json
from typing import Any

import moto.backends
import moto.core.responses
from moto.cloudformation.models import ChangeSet, Stack
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

_parse = Stack.parse_template
_possible_keys = XFormedAttributePicker.get_possible_keys


def _tags(self: TaggedEC2Resource) -> list[dict[str, str]]:
    """moto compares the id with those of all others that have tags."""
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(self.id), "") if self.id else ""
    known = self.ec2_backend.tags.get(self.id, {})
    return [{"resource_id": self.id, "key": key, "value": value, "resource_type": kind} for key, value in known.items()]


def _names(self: XFormedAttributePicker, context: AttributePickerContext) -> tuple[str, ...]:
    """The names that a value may have in an object, which depend on its shape and on the class of the object."""
    known: dict[tuple[type, str], tuple[str, ...]] = context.shape.__dict__.setdefault("names_by_class", {})
    key = type(context.obj), context.key
    if key not in known:
        known[key] = tuple(dict.fromkeys(_possible_keys(self, context)))
    return known[key]


def _as_json(template: str) -> dict[str, Any]:
    """moto reads JSON as YAML, which takes far longer."""
    try:
        return dict(json.loads(template))
    except ValueError:
        return dict(_parse(template))


def _parse_change_set(self: ChangeSet) -> None:
    self.template_dict = _as_json(self.template)


def install() -> None:
    # read from the disk each time
    modules = tuple(moto.backends.list_of_moto_modules())
    moto.backends.list_of_moto_modules = lambda: modules
    moto.core.responses.method_names_from_class = functools.cache(moto.core.responses.method_names_from_class)
    XFormedAttributePicker.get_possible_keys = _names
    TaggedEC2Resource.get_tags = _tags
    Stack.parse_template = staticmethod(_as_json)
    ChangeSet._parse_template = _parse_change_set
