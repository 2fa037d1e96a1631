"""
CloudFormation over the emulator's APIs: order, intrinsic functions, dynamic references, replacement, policies, rollback.

moto keeps the stacks, change sets and events and answers the API; what it does with the resources of a template is replaced
here, because it ignores types and properties that it does not know and updates nothing but what changed in the text.
"""

from __future__ import annotations

import copy
import graphlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import moto.cloudformation.models as moto_cloudformation
from botocore.exceptions import ClientError
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Event, Stack
from moto.cloudformation.parsing import OutputMap, ResourceMap, clean_json
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.responses import ActionResult

from . import schema
from .api import client
from .errors import DeploymentError
from .handler import Handler, Resource, handler_of
from .order import references, require_policies
from .readback import note_lost

SECRET = re.compile(r"{{resolve:secretsmanager:((?:arn:[^:]*:[^:]*:[^:]*:[^:]*:[^:]*:)?[^:}]+):SecretString:([^:}]*):([^:}]*):([^:}]*)}}")
PARAMETER = re.compile(r"{{resolve:ssm:([^:}]+)}}")

#: What a failed deployment has made goes, but for what is retained whatever happens.
ROLLBACK = "rollback"

Record = Callable[[str, str, str, str, str], None]


class Deployment(ResourceMap):
    """The resources of one stack."""

    #: The order of what was created; nothing was, where it could not even be found.
    _order: list[str] = []

    def __getitem__(self, key: str) -> Any:
        return self._parsed_resources[key]

    def __iter__(self) -> Iterator[str]:
        return iter([key for key, value in self._parsed_resources.items() if isinstance(value, Resource)])

    def validate_outputs(self) -> None:
        """Outputs are read when the resources are there."""

    def parse_ssm_parameter(self, value: str, value_type: str) -> Any:
        """moto hands the previous value of a parameter over as what it resolved to."""
        previous = value in self.resolved_parameters.values()
        return value if previous else super().parse_ssm_parameter(value, value_type)

    def apply(self, template: dict[str, Any], parameters: dict[str, Any], record: Record) -> None:
        before: dict[str, Resource] = {key: self[key] for key in self}
        order_before = self._order
        self._template = template
        self._resource_json_map = template["Resources"]
        self.input_parameters = parameters
        self.load_mapping()
        self.load_parameters()
        self.load_conditions()
        self._order = self._in_order()
        created: list[Resource] = []
        obsolete: list[Resource] = []
        try:
            for key in self._order:
                self._deploy(key, before.get(key), created, obsolete, record)
        except Exception:
            self._remove(created, record, ROLLBACK)
            self._order = order_before
            raise
        self._remove(obsolete, record, "UpdateReplacePolicy")
        self._remove([before[key] for key in order_before if key not in self._order], record)

    def tear_down(self, record: Record) -> None:
        failed = self._remove([self[key] for key in self._order], record)
        if failed:
            raise DeploymentError(f"The following resource(s) failed to delete: [{', '.join(failed)}].")

    def _in_order(self) -> list[str]:
        wanted = {
            key: definition
            for key, definition in self._resource_json_map.items()
            if "Condition" not in definition or self.lazy_condition_map[definition["Condition"]]
        }
        # The last first, where nothing says otherwise: an order that the template only happens to have is not one.
        graph = {key: references(wanted[key]) & wanted.keys() for key in reversed(wanted)}
        require_policies(self._resource_json_map, graph)
        return list(graphlib.TopologicalSorter(graph).static_order())

    def _deploy(self, key: str, before: Resource | None, created: list[Resource], obsolete: list[Resource], record: Record) -> None:
        definition = self._resource_json_map[key]
        kind = definition["Type"]
        verb = "UPDATE" if before else "CREATE"
        try:
            handler: Handler = handler_of(kind)(self._account_id, self._region_name, self["AWS::StackName"], self.stack_id, key)
            properties = _without_nothing(clean_json(copy.deepcopy(definition.get("Properties", {})), self))
            changed = _changed(before.properties, properties) if before else set()
            if before:
                before.definition = definition
                if not changed:
                    return
            resolved = self._resolve(properties)
            if handler.has_schema:
                resolved = schema.validate(kind, self._region_name, resolved)
            wanted = copy.deepcopy(resolved)
            if before and not changed & handler.replaced_by(kind):
                handler.update(before, resolved, changed)
                note_lost(kind, self._region_name, before.physical_resource_id, wanted)
                before.properties = properties
                record(key, before.physical_resource_id, kind, "UPDATE_COMPLETE", "")
                return
            resource = handler.create(resolved)
            note_lost(kind, self._region_name, resource.physical_resource_id, wanted)
        except Exception as error:
            record(key, before.physical_resource_id if before else "", kind, f"{verb}_FAILED", str(error))
            raise DeploymentError(f"{key} ({kind}): {error}") from error
        resource.cf_resource_type, resource.logical_resource_id = kind, key
        resource.properties, resource.definition, resource.handler = properties, definition, handler
        self._parsed_resources[key] = resource
        if before:
            obsolete.append(before)
        else:
            created.append(resource)
        record(key, resource.physical_resource_id, kind, f"{verb}_COMPLETE", "")

    def _resolve(self, value: Any) -> Any:
        """Dynamic references, which CloudFormation resolves whenever it creates or changes the resource, and only then."""
        if isinstance(value, dict):
            return {key: self._resolve(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._resolve(item) for item in value]
        if not isinstance(value, str):
            return value
        value = PARAMETER.sub(lambda found: self._parameter(found[1]), SECRET.sub(self._secret, value))
        if "{{resolve:" in value:
            raise DeploymentError("A dynamic reference has another form than the emulator resolves")
        return value

    def _secret(self, found: re.Match[str]) -> str:
        secret, field, stage, version = found.groups()
        wanted = {name: value for name, value in (("VersionStage", stage), ("VersionId", version)) if value}
        text: str = client("secretsmanager", self._region_name).get_secret_value(SecretId=secret, **wanted)["SecretString"]
        return str(json.loads(text)[field]) if field else text

    def _parameter(self, name: str) -> str:
        return str(client("ssm", self._region_name).get_parameter(Name=name)["Parameter"]["Value"])

    def _remove(self, resources: list[Resource], record: Record, policy: str = "DeletionPolicy") -> list[str]:
        """Deletes the last first, but nothing that a resource needs which cannot be deleted; returns what could not."""
        failed = []
        needed: set[str] = set()
        for resource in reversed(resources):
            key, kind, name = resource.logical_resource_id, resource.cf_resource_type, resource.physical_resource_id
            if key in needed:
                needed |= references(resource.definition)
                continue
            chosen = resource.definition.get("DeletionPolicy" if policy == ROLLBACK else policy, "Delete")
            if policy == ROLLBACK and chosen != "Retain":
                chosen = "Delete"
            try:
                if chosen != "Retain":
                    resource.handler.delete(resource, snapshot=chosen == "Snapshot")
            except Exception as error:
                # What somebody else has deleted is deleted.
                if not (isinstance(error, ClientError) and "NotFound" in error.response["Error"]["Code"]):
                    record(key, name, kind, "DELETE_FAILED", str(error))
                    failed.append(key)
                    needed |= references(resource.definition)
                    continue
            if self._parsed_resources.get(key) is resource:
                del self._parsed_resources[key]
            record(key, name, kind, "DELETE_SKIPPED" if chosen == "Retain" else "DELETE_COMPLETE", "")
        self._order = [key for key in self._order if key in self._parsed_resources]
        return failed


def _without_nothing(value: Any) -> Any:
    """Without what is a reference to AWS::NoValue."""
    if isinstance(value, dict):
        return {key: _without_nothing(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nothing(item) for item in value if item is not None]
    return value


def _changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _recorder(stack: Stack) -> Record:
    def record(key: str, name: str, kind: str, status: str, reason: str) -> None:
        stack.events.append(Event(stack.stack_id, stack.name, key, name, kind, status, reason or None, None))

    return record


class ChangeSetNotFound(CloudFormationError):
    code = "ChangeSetNotFound"


def _describe_change_set(self: CloudFormationBackend, change_set_name: str) -> ChangeSet:
    for change_set in self.change_sets.values():
        if change_set_name in (change_set.change_set_id, change_set.change_set_name):
            return change_set
    raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist")


def _delete_change_set(self: CloudFormationBackend, change_set_name: str) -> None:
    named = [key for key, change_set in self.change_sets.items() if change_set_name in (key, change_set.change_set_name)]
    for key in named:
        del self.change_sets[key]


def _execute_change_set(self: CloudFormationBackend, change_set_name: str, stack_name: str | None = None) -> None:
    change_set = _describe_change_set(self, change_set_name)
    stack = self.stacks[change_set.stack_id]
    verb = change_set.change_set_type
    stack.resource_map.cross_stack_resources = self.exports
    stack._add_stack_event(f"{verb}_IN_PROGRESS", resource_status_reason="User Initiated")
    # Every stack calls its change set the same, and one that was executed is gone.
    del self.change_sets[change_set.change_set_id]
    stack.status_reason = None
    try:
        stack.resource_map.apply(change_set.template_dict, change_set.parameters, _recorder(stack))
        outputs = OutputMap(stack.resource_map, change_set.template_dict, stack.stack_id)
        for output in outputs.outputs:
            outputs[output]
        stack.output_map = outputs
        self.exports.update({export.name: export for export in outputs.exports})
        stack.status = f"{verb}_COMPLETE"
    except Exception as error:
        # A failed update stays as it is: what was changed before the failure is not turned back.
        stack.status = "ROLLBACK_COMPLETE" if verb == "CREATE" else "UPDATE_ROLLBACK_FAILED"
        stack.status_reason = str(error)
    stack.template = change_set.template
    stack.template_dict = change_set.template_dict
    stack.parameters = change_set.parameters
    stack._add_stack_event(stack.status, resource_status_reason=stack.status_reason)


def _delete_stack(self: CloudFormationBackend, name_or_stack_id: str) -> None:
    for stack in [stack for stack in self.stacks.values() if name_or_stack_id in (stack.name, stack.stack_id)]:
        if getattr(stack, "enable_termination_protection", False):
            raise ValidationError(stack.stack_id, message=f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        names = [name for name, export in self.exports.items() if export._exporting_stack_id == stack.stack_id]
        users = [other.name for other in self.stacks.values() if other is not stack and _imports(other.template_dict, names)]
        if users:
            raise ValidationError(stack.stack_id, message=f"Delete canceled. Exports of {stack.name} are in use by {', '.join(users)}")
        stack._add_stack_event("DELETE_IN_PROGRESS", resource_status_reason="User Initiated")
        # the CLI looks on while it is deleted, and an output may name what is gone
        stack.output_map = OutputMap(stack.resource_map, {}, stack.stack_id)
        try:
            stack.resource_map.tear_down(_recorder(stack))
        except DeploymentError as error:
            stack.status, stack.status_reason = "DELETE_FAILED", str(error)
            stack._add_stack_event(stack.status, resource_status_reason=stack.status_reason)
            return
        stack.status = "DELETE_COMPLETE"
        stack._add_stack_event(stack.status)
        for name in names:
            self.exports.pop(name, None)
        self.deleted_stacks[stack.stack_id] = self.stacks.pop(stack.stack_id)


def _protect(self: CloudFormationResponse) -> ActionResult:
    """moto does not know the protection of a stack; its answers show any attribute of one."""
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    stack.enable_termination_protection = self._get_bool_param("EnableTerminationProtection")
    return ActionResult({"StackId": stack.stack_id})


def _imports(template: Any, names: list[str]) -> bool:
    if isinstance(template, dict):
        return any((key == "Fn::ImportValue" and value in names) or _imports(value, names) for key, value in template.items())
    return isinstance(template, list) and any(_imports(item, names) for item in template)


def _no_events(_: CloudTrailResponse) -> ActionResult:
    """The CLI asks CloudTrail why a deployment failed."""
    return ActionResult({"Events": []})


def install() -> None:
    CloudTrailResponse.lookup_events = _no_events
    CloudFormationResponse.update_termination_protection = _protect
    moto_cloudformation.ResourceMap = Deployment
    CloudFormationBackend.describe_change_set = _describe_change_set
    CloudFormationBackend.delete_change_set = _delete_change_set
    CloudFormationBackend.execute_change_set = _execute_change_set
    CloudFormationBackend.delete_stack = _delete_stack
