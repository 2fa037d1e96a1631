"""docs/regions.md, as its reader does it: its commands are pasted into a shell with the real CLIs, there and back."""

from __future__ import annotations

import contextlib
import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import world
from botocore.exceptions import ClientError
from regions import FIRST, RECORD, SECOND, Reader, api, began_with, copies, holds, key_of, leads_to, of_type, reaches, records, run_plan, service, waits

Check = Callable[..., None]


class Rehearsal:
    """The page from its beginning to its end; each check is shown to fail where the matter is spoilt on purpose."""

    def __init__(self, reader: Reader, check: Check, zone: str) -> None:
        self.reader, self.check, self.zone = reader, check, zone

    def pasted(self, name: str, says: str) -> None:
        done, output = self.reader.paste(name)
        self.check(done, f"regions: {says}", output)

    def judged(self, says: str, holds: Callable[[], bool], fault: str, spoilt: contextlib.AbstractContextManager[None]) -> None:
        self.check(holds(), f"regions: {says}")
        with spoilt:
            self.check(not holds(), f"regions: {fault}: condemned")
        if not holds():
            raise AssertionError(f"{says}: not after the fault either")

    def prepare(self) -> None:
        self.pasted("regions", "the variables")
        self.pasted("prepare", "a key and a vault in both regions, a server in the first")
        self.judged(
            "the second region waits, with nothing that costs but its key, and the first one serves",
            lambda: waits(SECOND) and not waits(FIRST) and service(FIRST)["desiredCount"] == 1 and reaches(self.zone, FIRST),
            "an address that waits for nobody", _address(SECOND),
        )  # fmt: skip
        self.judged(
            "clients go to the first region, whoever answers",
            lambda: {leads_to(self.zone, *up) for up in ((FIRST,), (), (SECOND,), (FIRST, SECOND))} == {FIRST},
            "a failover record on the health of the first server, of which the page warns", self._failover(),
        )  # fmt: skip

    def copy(self) -> None:
        for _ in range(2):
            run_plan(FIRST)
            time.sleep(0.1)
        own = {it["RecoveryPointArn"] for it in copies(SECOND)}
        rds = api("rds", SECOND)
        keys = {it["DBSnapshotArn"]: it["KmsKeyId"].rsplit("/", 1)[1] for it in rds.describe_db_snapshots()["DBSnapshots"]}
        self.check(len(own) == 2 and {keys[arn] for arn in own} == {key_of(SECOND)}, "regions: the plan copies to the second region, under the key there", str(keys))
        for says, vault, reason in (
            ("a vault that is not there", {}, "does not exist"),
            ("a vault without a key of its own", {"BackupVaultName": "keyless"}, "has no key"),
        ):
            if vault:
                api("backup", SECOND).create_backup_vault(**vault)
            refused = self._refused(lambda: self._copy_to(vault.get("BackupVaultName", "nowhere")))
            self.check(reason in refused, f"regions: a copy to {says}: refused", refused)
        self._copy_to("agents", IdempotencyToken="unfinished")

    def promote(self) -> None:
        waiting = holds(SECOND)
        done, output = self.reader.paste("stop", **{"$FROM": "$TO"})
        self.check(not done and service(FIRST)["desiredCount"] == 1, "regions: a server is stopped where there is none: the commands fail", output)
        self.pasted("stop", "the commands stop the first server")
        self.judged(
            "the first server has no task", lambda: service(FIRST)["desiredCount"] == service(FIRST)["runningCount"] == 0,
            "somebody starts it again", _started(FIRST),
        )  # fmt: skip
        newest = max((it for it in copies(SECOND) if it["Status"] == "COMPLETED"), key=lambda it: it["CreationDate"])["RecoveryPointArn"]
        self.pasted("newest", "the commands find a copy")
        self.check(self.reader.variable("SNAPSHOT") == newest, "regions: it is the newest that is done", self.reader.variable("SNAPSHOT"))
        for says, known, other in (("the oldest one", "reverse(", "("), ("one that is not done", "Status=='COMPLETED' && ", "")):
            self.reader.paste("newest", **{known: other})
            self.check(self.reader.variable("SNAPSHOT") != newest, f"regions: a query for {says}: condemned")
        self.pasted("newest", "once more")

        done, output = self.reader.paste("promote", **{"=$SNAPSHOT": "=${SNAPSHOT/$TO/$FROM}"})
        self.check(not done and "must be in the region of the stack" in output and waits(SECOND), "regions: a snapshot of the first region: refused", output)
        self.pasted("promote", "the commands promote the second region")
        self.reader.keep(**{f"server-{SECOND}": "on", f"snapshot-{SECOND}": newest})
        self.check(began_with(SECOND) == (newest, key_of(SECOND)), "regions: the database there begins with the newest copy, under the key there", str(began_with(SECOND)))
        stays = [waiting.items() <= holds(region).items() for region in (SECOND, FIRST)]
        self.check(stays == [True, False], f"regions: the {len(waiting)} resources that waited there stay as they are", str(waiting.items() - holds(SECOND).items()))
        self.judged(
            "the second server runs, and its name leads to it", lambda: service(SECOND)["runningCount"] == 1 and reaches(self.zone, SECOND),
            "somebody stops it", _started(SECOND, 0),
        )  # fmt: skip
        self.check(leads_to(self.zone, FIRST, SECOND) == FIRST, "regions: and clients go there only when they are sent")
        self.pasted("send", "the commands send them")
        self.reader.keep(serving=SECOND)
        self.judged(
            "clients go to the second region, also when the first one answers again",
            lambda: {leads_to(self.zone, *up) for up in ((FIRST,), (SECOND,), (FIRST, SECOND))} == {SECOND},
            "a failover record on the health of the first server", self._failover(),
        )  # fmt: skip

    def go_back(self) -> None:
        """The plan of the old place goes on until it is emptied, and the newest snapshot there is one of its own."""
        run_plan(SECOND)
        run_plan(FIRST)
        done, output = self.reader.paste("empty")
        (last,) = [it for it in api("rds", FIRST).describe_db_snapshots()["DBSnapshots"] if "-snapshot-" in it["DBSnapshotIdentifier"]]
        self.check(done and waits(FIRST) and bool(last), "regions: the commands leave nothing in the first region but a last snapshot", output)
        self.reader.keep(**{f"server-{FIRST}": None})
        waiting = holds(FIRST)
        self.pasted("swap", "the variables the other way round")
        self.pasted("stop", "the commands stop the second server")
        (wanted,) = [it["RecoveryPointArn"] for it in copies(FIRST) if f":{SECOND}:" in it["ResourceArn"]]
        self.reader.paste("newest", **{" && contains(ResourceArn, ':$FROM:')": ""})
        self.check(self.reader.variable("SNAPSHOT") != wanted, "regions: a query for what was backed up in the first region itself: condemned")
        self.pasted("newest", "the newest copy of the plan")
        copied = self.reader.variable("SNAPSHOT")
        self.check(copied == wanted, "regions: it is one of the second database", copied)
        done, output = self.reader.paste("last copy", **{"--kms-key-id alias/agents-copies": ""})
        self.check(not done and "KmsKeyId must be given" in output, "regions: a last copy without a key: refused", output)
        self.pasted("last copy", "a last copy")
        snapshot = self.reader.variable("SNAPSHOT")
        self.check(f":rds:{FIRST}:" in snapshot and snapshot != copied, "regions: it is in the first region, and not one of the plan", snapshot)
        self.pasted("promote", "the commands promote the first region again")
        self.reader.keep(**{f"server-{FIRST}": "on", f"snapshot-{FIRST}": snapshot})
        self.check(began_with(FIRST) == (snapshot, key_of(FIRST)), "regions: its database begins with what the second one had at last", str(began_with(FIRST)))
        self.check(waiting.items() <= holds(FIRST).items(), "regions: and what waited there stays as it is")
        self.pasted("send", "clients come back")
        self.check(leads_to(self.zone) == FIRST and reaches(self.zone, FIRST), "regions: their record leads to the server there")

    def by_health(self) -> None:
        """The other form of the record, in place of the first: Route 53 has no failover record beside a plain one of its name."""
        self.reader.keep(routing="health")
        done, output = self.reader.paste("send")
        self.check(not done and "already exists" in output, "regions: failover records beside the record: refused", output)
        self.reader.blocks |= {"destroy": "npx cdk destroy Route --force\n", "deploy": "npx cdk deploy Route\n"}
        self.pasted("destroy", "without the record")
        self.pasted("deploy", "the records that a health check moves")
        table = {(FIRST,): FIRST, (): FIRST, (SECOND,): SECOND, (FIRST, SECOND): SECOND}
        self.judged(
            "clients go to the second region if and only if its server answers",
            lambda: {up: leads_to(self.zone, *up) for up in table} == table,
            "a health check that is not inverted", self._not_inverted(),
        )  # fmt: skip
        self.pasted("destroy", "those go too")

    def forget(self) -> None:
        """What the page warns of: a deployment that does not know of the server."""
        self.reader.keep(**{f"server-{FIRST}": None})
        self.reader.blocks["forgotten"] = f"npx cdk deploy Agents-{FIRST}\n"
        database, servers = of_type(FIRST, "AWS::RDS::DBInstance"), of_type(FIRST, "AWS::ECS::Service")
        done, output = self.reader.paste("forgotten")
        there = [it["DBInstanceIdentifier"] for it in api("rds", FIRST).describe_db_instances()["DBInstances"]]
        gone = bool(servers) and not of_type(FIRST, "AWS::ECS::Service")
        self.check(done and database == there and gone, "regions: a deployment that does not know of the server removes it; its protection keeps the database", output)

    def _copy_to(self, vault: str, **more: str) -> None:
        it = copies(FIRST)[-1]
        (plan,) = of_type(FIRST, "AWS::Backup::BackupPlan")
        backup = api("backup", FIRST)
        role = backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"][0]["IamRoleArn"]
        to = f"arn:aws:backup:{SECOND}:{world.ACCOUNT}:backup-vault:{vault}"
        backup.start_copy_job(
            SourceBackupVaultName="agents", RecoveryPointArn=it["RecoveryPointArn"], DestinationBackupVaultArn=to, IamRoleArn=role, **more
        )

    def _refused(self, call: Callable[[], None]) -> str:
        try:
            call()
        except ClientError as refused:
            return str(refused)
        return "it was not refused"

    @contextlib.contextmanager
    def _failover(self) -> Iterator[None]:
        (before,) = records(self.zone)
        route53 = world.api("route53")
        config = {"Type": "HTTPS", "FullyQualifiedDomainName": f"{FIRST}.{RECORD}", "ResourcePath": "/health"}
        check = route53.create_health_check(CallerReference=str(time.time()), HealthCheckConfig=config)["HealthCheck"]["Id"]
        common = {"Name": before["Name"], "Type": "CNAME", "TTL": 60}
        places = {"PRIMARY": FIRST, "SECONDARY": SECOND}
        planted = [
            {**common, "SetIdentifier": role, "Failover": role, "ResourceRecords": [{"Value": f"{region}.{RECORD}"}]} for role, region in places.items()
        ]
        planted[0]["HealthCheckId"] = check
        self._replace([before], planted)
        yield
        self._replace(planted, [before])
        route53.delete_health_check(HealthCheckId=check)

    def _replace(self, gone: list[dict[str, Any]], made: list[dict[str, Any]]) -> None:
        for action, entries in (("DELETE", gone), ("UPSERT", made)):
            changes = [{"Action": action, "ResourceRecordSet": it} for it in entries]
            world.api("route53").change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch={"Changes": changes})

    @contextlib.contextmanager
    def _not_inverted(self) -> Iterator[None]:
        (check,) = {it["HealthCheckId"] for it in records(self.zone) if "HealthCheckId" in it}
        for inverted in (False, True):
            world.api("route53").update_health_check(HealthCheckId=check, Inverted=inverted)
            if not inverted:
                yield


@contextlib.contextmanager
def _address(region: str) -> Iterator[None]:
    made = api("ec2", region).allocate_address(Domain="vpc")["AllocationId"]
    yield
    api("ec2", region).release_address(AllocationId=made)


@contextlib.contextmanager
def _started(region: str, tasks: int = 1) -> Iterator[None]:
    it = service(region)
    for count in (tasks, it["desiredCount"]):
        api("ecs", region).update_service(cluster=it["clusterArn"], service=it["serviceArn"], desiredCount=count)
        if count == tasks:
            yield


def rehearse(work: pathlib.Path, check: Check) -> None:
    zone = world.api("route53").create_hosted_zone(Name="example.com", CallerReference="of the regions")["HostedZone"]["Id"].rsplit("/", 1)[1]
    it = Rehearsal(Reader(work / "regions", zone), check, zone)
    for act in (it.prepare, it.copy, it.promote, it.go_back, it.by_health, it.forget):
        try:
            act()
        except Exception as error:
            check(False, f"regions: {act.__name__}", f"{type(error).__name__}: {error}")
            return
