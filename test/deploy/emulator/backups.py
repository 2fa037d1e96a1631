"""Types of AWS Backup, and what moto's Backup lacks: selections of what a plan backs up."""

from __future__ import annotations

import json
import uuid
from typing import Any

from botocore.exceptions import ClientError
from moto.backup.responses import BackupResponse

from .api import client
from .errors import Refused
from .handler import Handler, Resource, resource

#: By the id of the plan, and that of the selection.
_selections: dict[str, dict[str, dict[str, Any]]] = {}


@resource("AWS::Backup::BackupVault")
class Vault(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        arn = self.call("backup", "create_backup_vault", p)["BackupVaultArn"]
        return self.made(p["BackupVaultName"], BackupVaultArn=arn, BackupVaultName=p["BackupVaultName"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("backup", "delete_backup_vault", BackupVaultName=it.physical_resource_id)


@resource("AWS::Backup::BackupPlan")
class Plan(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        plan = p["BackupPlan"]
        rules = [{"TargetBackupVaultName": rule.pop("TargetBackupVault"), **rule} for rule in plan.pop("BackupPlanRule")]
        made = self.call("backup", "create_backup_plan", {"BackupPlan": {**plan, "Rules": rules}})
        return self.made(made["BackupPlanId"], BackupPlanId=made["BackupPlanId"], BackupPlanArn=made["BackupPlanArn"], VersionId=made["VersionId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("backup", "delete_backup_plan", BackupPlanId=it.physical_resource_id)


@resource("AWS::Backup::BackupSelection")
class Selection(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        made = self.call("backup", "create_backup_selection", p)
        return self.made(f"{made['SelectionId']}_{p['BackupPlanId']}", SelectionId=made["SelectionId"], BackupPlanId=p["BackupPlanId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("backup", "delete_backup_selection", **{name: it.attributes[name] for name in ("BackupPlanId", "SelectionId")})


def _of_path(self: BackupResponse) -> tuple[str, str]:
    """The plan and the selection that a request names."""
    plan, _, selection = self.path.split("/plans/")[1].partition("/selections")
    return plan, selection.strip("/")


def _create(self: BackupResponse) -> str:
    plan, _ = _of_path(self)
    self.backup_backend.get_backup_plan(plan, None)
    wanted = json.loads(self.body)["BackupSelection"]
    _require_role(self.region, wanted["IamRoleArn"])
    key = str(uuid.uuid4())
    _selections.setdefault(plan, {})[key] = wanted
    return json.dumps({"SelectionId": key, "BackupPlanId": plan})


def _require_role(region: str, arn: str) -> None:
    """Backup refuses a selection whose role it cannot assume."""
    try:
        trust = client("iam", region).get_role(RoleName=arn.rsplit("/", 1)[1])["Role"]["AssumeRolePolicyDocument"]
    except ClientError:
        trust = {"Statement": []}
    if not any(statement["Principal"].get("Service") == "backup.amazonaws.com" for statement in trust["Statement"]):
        raise Refused("InvalidParameterValueException", f"IAM Role {arn} cannot be assumed by AWS Backup")


def _find(plan: str, selection: str) -> dict[str, Any]:
    found = _selections.get(plan, {}).get(selection)
    if found is None:
        raise Refused("ResourceNotFoundException", "There is no such selection.")
    return found


def _get(self: BackupResponse) -> str:
    plan, selection = _of_path(self)
    return json.dumps({"BackupPlanId": plan, "SelectionId": selection, "BackupSelection": _find(plan, selection)})


def _list(self: BackupResponse) -> str:
    plan, _ = _of_path(self)
    known = _selections.get(plan, {})
    return json.dumps({"BackupSelectionsList": [
        {"BackupPlanId": plan, "SelectionId": key, "SelectionName": it["SelectionName"], "IamRoleArn": it["IamRoleArn"]} for key, it in known.items()
    ]})  # fmt: skip


def _delete(self: BackupResponse) -> str:
    plan, selection = _of_path(self)
    _find(plan, selection)
    del _selections[plan][selection]
    return "{}"


def _delete_plan(self: BackupResponse) -> str:
    """Backup deletes no plan that still selects something, and forgets the ones that it has deleted: moto takes no second one like them."""
    plan, _ = _of_path(self)
    if _selections.get(plan):
        raise Refused("InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan deletion")
    answer = _delete_empty(self)
    del self.backup_backend.plans[plan]
    return answer


_delete_empty = BackupResponse.delete_backup_plan


def install() -> None:
    BackupResponse.create_backup_selection = _create
    BackupResponse.get_backup_selection = _get
    BackupResponse.list_backup_selections = _list
    BackupResponse.delete_backup_selection = _delete
    BackupResponse.delete_backup_plan = _delete_plan
