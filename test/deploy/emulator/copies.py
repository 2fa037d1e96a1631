"""What moto lacks of copies in another region: the jobs and recovery points of AWS Backup, and what RDS refuses to copy."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError
from moto.backup.responses import BackupResponse
from moto.backup.urls import url_paths
from moto.rds.models import DBSnapshot, RDSBackend, rds_backends

from .api import client
from .backups import _require_role
from .errors import Refused

#: The token of a job that does not end; every other one has ended when it is answered.
UNFINISHED = "unfinished"

#: What a vault holds, by region and name.
_points: dict[tuple[str, str], list[dict[str, Any]]] = {}


def _vault(region: str, name: str) -> Any:
    try:
        return client("backup", region).describe_backup_vault(BackupVaultName=name)
    except ClientError as unknown:
        raise Refused("ResourceNotFoundException", f"Backup vault {name} does not exist in {region}") from unknown


def _keep(region: str, vault: str, snapshot: DBSnapshot, of: str, created: float) -> dict[str, Any]:
    kept = {
        "RecoveryPointArn": snapshot.arn, "BackupVaultName": vault, "ResourceArn": of, "ResourceType": "RDS",
        "CreationDate": created, "Status": "COMPLETED",
    }  # fmt: skip
    _points.setdefault((region, vault), []).append(kept)
    return kept


def _back_up(self: BackupResponse) -> str:
    """The snapshot is there at once."""
    wanted = json.loads(self.body)
    _vault(self.region, wanted["BackupVaultName"])
    _require_role(self.region, wanted["IamRoleArn"])
    job, database = str(uuid.uuid4()), wanted["ResourceArn"].rsplit(":", 1)[1]
    # no caller of RDS may give it such a name
    made = rds_backends[self.current_account][self.region].create_db_snapshot(database, f"awsbackup:job-{job}")
    kept = _keep(self.region, wanted["BackupVaultName"], made, wanted["ResourceArn"], time.time())
    return json.dumps({"BackupJobId": job, "RecoveryPointArn": kept["RecoveryPointArn"], "CreationDate": kept["CreationDate"]})


def _copy(self: BackupResponse) -> str:
    """A copy begins with the moment of its source, and is encrypted with the key of the vault that it comes to."""
    wanted = json.loads(self.body)
    (source,) = [it for it in _points.get((self.region, wanted["SourceBackupVaultName"]), []) if it["RecoveryPointArn"] == wanted["RecoveryPointArn"]]
    _require_role(self.region, wanted["IamRoleArn"])
    region, name = wanted["DestinationBackupVaultArn"].split(":")[3::3]
    key = _vault(region, name).get("EncryptionKeyArn")
    if not key:
        raise Refused("InvalidParameterValueException", f"Backup vault {name} has no key of the account, and the snapshot is encrypted")
    job = str(uuid.uuid4())
    copied = rds_backends[self.current_account][region].copy_db_snapshot(wanted["RecoveryPointArn"], f"awsbackup:copyjob-{job}", kms_key_id=key)
    kept = _keep(region, name, copied, source["ResourceArn"], source["CreationDate"])
    if wanted.get("IdempotencyToken") == UNFINISHED:
        kept["Status"] = "CREATING"
    return json.dumps({"CopyJobId": job, "CreationDate": kept["CreationDate"]})


def _list(self: BackupResponse) -> str:
    name = unquote(self.path.split("/backup-vaults/")[1].split("/")[0])
    _vault(self.region, name)
    kind = self._get_param("resourceType")
    return json.dumps({"RecoveryPoints": [it for it in _points.get((self.region, name), []) if kind in (None, it["ResourceType"])]})


_copy_snapshot = RDSBackend.copy_db_snapshot
_restore = RDSBackend.restore_db_instance_from_db_snapshot


def _copy_beside(self: RDSBackend, source_db_snapshot_identifier: str, target_db_snapshot_identifier: str, **more: Any) -> Any:
    """A key does not leave its region, so an encrypted copy needs one where it goes."""
    source = self.get_db_snapshot(source_db_snapshot_identifier)
    if source.storage_encrypted and source.region != self.region_name and not more.get("kms_key_id"):
        raise Refused("InvalidParameterCombination", "KmsKeyId must be given for a copy of an encrypted snapshot of another region")
    return _copy_snapshot(self, source_db_snapshot_identifier, target_db_snapshot_identifier, **more)


def _restore_beside(self: RDSBackend, from_snapshot_id: str, overrides: dict[str, Any]) -> Any:
    """RDS restores what is in its region; moto looks at the name alone. No API says later with which snapshot a database began, so a tag does here."""
    snapshot = self.get_db_snapshot(from_snapshot_id)
    if snapshot.region != self.region_name:
        raise Refused("DBSnapshotNotFound", f"DBSnapshot {from_snapshot_id} is not in {self.region_name}")
    made = _restore(self, from_snapshot_id, overrides)
    made.tags = [*made.tags, {"Key": "emulator:began-with", "Value": snapshot.arn}]
    return made


def install() -> None:
    BackupResponse.start_backup_job = _back_up
    BackupResponse.start_copy_job = _copy
    BackupResponse.list_recovery_points_by_backup_vault = _list
    for path in ("backup-jobs", "copy-jobs", "backup-vaults/(?P<name>[^/]+)/recovery-points/"):
        url_paths[f"{{0}}/{path}$"] = BackupResponse.dispatch
    RDSBackend.copy_db_snapshot = _copy_beside
    RDSBackend.restore_db_instance_from_db_snapshot = _restore_beside
