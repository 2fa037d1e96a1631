"""What a reader of docs/regions.md has: the commands of the page, a shell to paste them into, and what the APIs of both regions say."""

from __future__ import annotations

import functools
import json
import os
import pathlib
import re
import subprocess
from typing import Any

import boto3
import world
from kept.programs import SHELL, for_shell

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/regions.md"
FIRST, SECOND = "eu-central-1", "eu-west-1"
RECORD = "agents.example.com"
KEY = "alias/agents-copies"
WITH_STATE = {"AWS::RDS::DBInstance", "AWS::ECS::Service", "AWS::ElasticLoadBalancingV2::LoadBalancer"}


@functools.cache
def api(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region, endpoint_url=os.environ["AWS_ENDPOINT_URL"])


def commands() -> dict[str, str]:
    """The commands of the page, by what they do; an edit that moves them is an error here."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names = ("regions", "prepare", "stop", "newest", "last copy", "promote", "send", "empty", "swap")
    if len(blocks) != len(names):
        raise ValueError(f"docs/regions.md has {len(blocks)} blocks of commands; {len(names)} are known: {names}")
    return dict(zip(names, blocks, strict=True))


class Reader:
    """A shell that remembers its variables from one block to the next, and the `cdk.json` beside it."""

    def __init__(self, work: pathlib.Path, zone: str) -> None:
        self.work, self.context = work, {"zone": zone, f"server-{FIRST}": "on", "serving": FIRST}
        self.app = f"node {work.parent}/app/test/deploy/regions.js"
        self.blocks = commands()
        work.mkdir()
        (work / "node_modules").symlink_to(ROOT / "node_modules")
        self.keep()

    def keep(self, **values: str | None) -> None:
        """Writes into `cdk.json` what the page says that it keeps there."""
        self.context |= {name: value for name, value in values.items() if value is not None}
        for name in [name for name, value in values.items() if value is None]:
            del self.context[name]
        # nobody looks on who could approve
        wanted = {"app": self.app, "requireApproval": "never", "context": self.context}
        (self.work / "cdk.json").write_text(json.dumps(wanted), encoding="utf-8")

    def paste(self, name: str, **edited: str) -> tuple[bool, str]:
        """Pastes a block, where an `edited` text stands for another that a fault changes."""
        block = self.blocks[name]
        for known, other in edited.items():
            if known not in block:
                raise ValueError(f"{name} has no {known}")
            block = block.replace(known, other)
        script = f"set -e; [ ! -e vars ] || . ./vars; . {SHELL}; set -a\n{block}\nexport -p > vars\n"
        environment = {**os.environ, "CDK_DISABLE_CLI_TELEMETRY": "true", "CI": "true", "AWS_PAGER": "", **for_shell(self.work)}
        ran = subprocess.run(
            ["bash", "-c", script], cwd=self.work, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False
        )
        return ran.returncode == 0, ran.stdout

    def variable(self, name: str) -> str:
        asked = subprocess.run(["bash", "-c", f'. ./vars; echo "${name}"'], cwd=self.work, stdout=subprocess.PIPE, text=True, check=True)
        return asked.stdout.strip()


def holds(region: str) -> dict[str, str]:
    """What the stack of a region holds, by its name in the template."""
    answer = api("cloudformation", region).describe_stack_resources(StackName=f"Agents-{region}")["StackResources"]
    return {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in answer}


def of_type(region: str, kind: str) -> list[str]:
    answer = api("cloudformation", region).describe_stack_resources(StackName=f"Agents-{region}")["StackResources"]
    return [it["PhysicalResourceId"] for it in answer if it["ResourceType"] == kind]


def service(region: str) -> dict[str, Any]:
    (arn,) = of_type(region, "AWS::ECS::Service")
    return dict(api("ecs", region).describe_services(cluster=arn.split("/")[1], services=[arn])["services"][0])


def waits(region: str) -> bool:
    """No database, server or load balancer, in the stack or beside it."""
    ecs = api("ecs", region)
    clusters = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
    running = [arn for it in clusters if it["status"] == "ACTIVE" for arn in ecs.list_services(cluster=it["clusterArn"])["serviceArns"]]
    there = [api("rds", region).describe_db_instances()["DBInstances"], api("elbv2", region).describe_load_balancers()["LoadBalancers"], running]
    costs = [api("ec2", region).describe_nat_gateways()["NatGateways"], api("ec2", region).describe_addresses()["Addresses"]]
    costs.append(api("secretsmanager", region).list_secrets()["SecretList"])
    return not any(there) and not any(costs) and not any(of_type(region, kind) for kind in WITH_STATE)


def began_with(region: str) -> tuple[str, str]:
    """The snapshot with which the database of a region began, and its key."""
    (name,) = of_type(region, "AWS::RDS::DBInstance")
    (it,) = api("rds", region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    tags = {tag["Key"]: tag["Value"] for tag in it["TagList"]}
    return tags.get("emulator:began-with", ""), it.get("KmsKeyId", "").rsplit("/", 1)[-1]


def key_of(region: str) -> str:
    return str(api("kms", region).describe_key(KeyId=KEY)["KeyMetadata"]["KeyId"])


def run_plan(region: str) -> None:
    """Does what the plan of a region says, as AWS Backup does at its time: each rule backs up what is selected, and copies it."""
    backup = api("backup", region)
    (plan,) = of_type(region, "AWS::Backup::BackupPlan")
    for rule in backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"]:
        for it in backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]:
            chosen = backup.get_backup_selection(BackupPlanId=plan, SelectionId=it["SelectionId"])["BackupSelection"]
            for arn in chosen["Resources"]:
                role, vault = {"IamRoleArn": chosen["IamRoleArn"]}, rule["TargetBackupVaultName"]
                made = backup.start_backup_job(BackupVaultName=vault, ResourceArn=arn, **role)["RecoveryPointArn"]
                for copy in rule.get("CopyActions", []):
                    to = copy["DestinationBackupVaultArn"]
                    backup.start_copy_job(SourceBackupVaultName=vault, RecoveryPointArn=made, DestinationBackupVaultArn=to, **role)


def copies(region: str) -> list[dict[str, Any]]:
    return list(api("backup", region).list_recovery_points_by_backup_vault(BackupVaultName="agents")["RecoveryPoints"])


def records(zone: str) -> list[dict[str, Any]]:
    known = world.api("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [it for it in known if it["Name"].rstrip(".") == RECORD and it["Type"] == "CNAME"]


def leads_to(zone: str, *answering: str) -> str:
    """Where Route 53 sends a client while these regions answer: the rules of failover records, which have no server to ask here."""
    known = {it.get("Failover", "ALONE"): it for it in records(zone)}
    chosen = known.get("ALONE") or known["PRIMARY"]
    check = chosen.get("HealthCheckId")
    if check:
        config = world.api("route53").get_health_check(HealthCheckId=check)["HealthCheck"]["HealthCheckConfig"]
        asked = config["FullyQualifiedDomainName"].split(".")[0]
        if (asked in answering) == config.get("Inverted", False):
            chosen = known["SECONDARY"]
    (value,) = chosen["ResourceRecords"]
    return str(value["Value"]).split(".")[0]


def reaches(zone: str, region: str) -> bool:
    """Whether the name of the server of a region is the load balancer that its stack made."""
    known = world.api("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    targets = [it["AliasTarget"]["DNSName"] for it in known if it["Name"].rstrip(".") == f"{region}.{RECORD}" and "AliasTarget" in it]
    balancers = api("elbv2", region).describe_load_balancers()["LoadBalancers"]
    return len(targets) == len(balancers) == 1 and balancers[0]["DNSName"] in targets[0]
