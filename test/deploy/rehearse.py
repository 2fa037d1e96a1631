"""Bootstraps, deploys, deploys a change and destroys with the real CLI; asks after each step whether the invariants hold."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import time
from typing import Any

import world
from faults import FAULTS
from world import STACKS, api

from checks import CHECKS, failures

ROOT = pathlib.Path(__file__).resolve().parents[2]
#: Properties that the emulator takes and forgets; the README says so.
LOST = {"AWS::EC2::LaunchTemplate.TagSpecifications", "AWS::Lambda::Function.LoggingConfig", "AWS::RDS::DBInstance.EnablePerformanceInsights"}
PLATFORMS = STACKS[1:]
DATA = STACKS[0]

passed = failed = 0


def check(ok: bool, says: str, detail: str = "") -> None:
    global passed, failed
    print(f"{'ok    ' if ok else 'FAILED'} {says}", flush=True)
    if ok:
        passed += 1
    else:
        failed += 1
        print("".join(f"         {line}\n" for line in detail.splitlines()[-40:]), end="", flush=True)


def cdk(*arguments: str) -> tuple[bool, str]:
    """The pinned CLI, which knows no other cloud than the emulator."""
    command = [str(ROOT / "node_modules/.bin/cdk"), *arguments, "--ci", "--no-notices"]
    ran = subprocess.run(command, cwd=WORK, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
    world.stack_resources.cache_clear()
    return ran.returncode == 0, ran.stdout


def deploy(version: int) -> tuple[bool, str]:
    return cdk("deploy", "--app", str(WORK / f"v{version}"), "--all", "--require-approval", "never")


def destroy(*stacks: str) -> tuple[bool, str]:
    return cdk("destroy", "--app", str(WORK / "v2"), "--force", "--exclusively", *stacks)


def stacks() -> dict[str, str]:
    return {stack["StackName"]: stack["StackStatus"] for stack in api("cloudformation").describe_stacks()["Stacks"]}


def events(stack: str) -> list[dict[str, Any]]:
    return list(api("cloudformation").describe_stack_events(StackName=stack)["StackEvents"])


def check_all(version: int) -> None:
    broken = failures(version)
    for says in CHECKS:
        check(says not in broken, says, broken.get(says, ""))


def try_template(name: str, resources: dict[str, Any]) -> str:
    """Deploys a template, and says why that failed."""
    cloudformation = api("cloudformation")
    cloudformation.create_change_set(
        StackName=name, ChangeSetName="try", ChangeSetType="CREATE", TemplateBody=json.dumps({"Resources": resources})
    )
    cloudformation.execute_change_set(StackName=name, ChangeSetName="try")
    reasons = [event["ResourceStatusReason"] for event in events(name) if event["ResourceStatus"] == "CREATE_FAILED"]
    status = stacks()[name]
    cloudformation.delete_stack(StackName=name)
    return f"{status}: {'; '.join(reasons)}"


def check_emulator() -> None:
    """What an emulator must not let pass, or its word is worth nothing."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {}}
    refused: dict[str, tuple[dict[str, Any], str]] = {
        "a type that it does not know": ({"It": {"Type": "AWS::SQS::Queue", "DependsOn": "Topic"}}, "knows no type AWS::SQS::Queue"),
        "a property that CloudFormation does not know": (
            {"It": {"Type": "AWS::Logs::LogGroup", "DependsOn": "Topic", "Properties": {"RetentionInDay": 1}}},
            "additionalProperties",
        ),
        "a value that CloudFormation does not take": (
            {"It": {"Type": "AWS::Logs::LogGroup", "DependsOn": "Topic", "Properties": {"RetentionInDays": 31}}},
            "RetentionInDays breaks `enum`",
        ),
        "a property that the API has no parameter for": (
            {"It": {"Type": "AWS::SNS::Topic", "DependsOn": "Topic", "Properties": {"ArchivePolicy": {}, "DataProtectionPolicy": {}, "FifoTopic": True}}},
            "create_topic has no parameter",
        ),
        "an attribute that the type does not have": (
            {"It": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::GetAtt": ["Topic", "Arn"]}}}},
            "has no attribute Arn",
        ),
        "a dynamic reference to a secret that is not there": (
            {"It": {"Type": "AWS::SNS::Topic", "DependsOn": "Topic", "Properties": {"DisplayName": "{{resolve:secretsmanager:nowhere:SecretString:::}}"}}},
            "ResourceNotFoundException",
        ),
    }
    for number, (says, (resources, reason)) in enumerate(refused.items()):
        found = try_template(f"Refused{number}", {"Topic": topic, **resources})
        left = api("sns").list_topics()["Topics"]
        check(found.startswith("ROLLBACK_COMPLETE") and reason in found and not left, f"the emulator refuses {says}, and rolls back", f"{found}\n{left}")


def check_faults(version: int) -> None:
    for says, condemned_by, plant in FAULTS:
        expected = {known for known in CHECKS if known.startswith(condemned_by)}
        with plant():
            found = failures(version)
        exactly = set(found) == expected and len(expected) == len(condemned_by)
        check(exactly, f"{says}: condemned by {len(found)} of {len(CHECKS)} checks", "\n".join(set(found) ^ expected))
    judged = {known for _, condemned_by, _ in FAULTS for known in CHECKS if known.startswith(condemned_by)}
    check(judged == set(CHECKS), "every check condemned a fault", "\n".join(set(CHECKS) - judged))
    broken = failures(version)
    check(not broken, "without the planted faults every check holds again", "\n".join(broken))


def left_over() -> list[str]:
    """What is there although its stack is gone, but for what its policy retains."""
    ec2 = api("ec2")
    running = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    named: list[str] = []
    for cluster in api("ecs").list_clusters()["clusterArns"]:
        (known,) = api("ecs").describe_clusters(clusters=[cluster])["clusters"]
        named += [cluster] if known["status"] == "ACTIVE" else []
    named += api("ecs").list_task_definitions(status="ACTIVE")["taskDefinitionArns"]
    named += [it["LoadBalancerArn"] for it in api("elbv2").describe_load_balancers()["LoadBalancers"]]
    named += [it["TargetGroupArn"] for it in api("elbv2").describe_target_groups()["TargetGroups"]]
    named += [it["AutoScalingGroupName"] for it in api("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]]
    named += [it["LaunchTemplateId"] for it in ec2.describe_launch_templates()["LaunchTemplates"]]
    named += [it["InstanceId"] for r in ec2.describe_instances(Filters=running)["Reservations"] for it in r["Instances"]]
    named += [it["PublicIp"] for it in ec2.describe_addresses()["Addresses"]]
    named += [it["AlarmName"] for it in api("cloudwatch").describe_alarms()["MetricAlarms"]]
    named += [it["TopicArn"] for it in api("sns").list_topics()["Topics"]]
    named += [it["FunctionName"] for it in api("lambda").list_functions()["Functions"] if not it["FunctionName"].startswith(DATA)]
    named += [it["RoleName"] for it in api("iam").list_roles()["Roles"] if it["RoleName"].startswith(tuple(PLATFORMS))]
    named += [it["GroupName"] for it in ec2.describe_security_groups()["SecurityGroups"] if it["GroupName"].startswith(tuple(PLATFORMS))]
    return named


def check_destruction() -> None:
    it = world.database()
    name, final = it["DBInstanceIdentifier"], f"{DATA}-snapshot-".lower()
    volume = world.resource("FlueEc2Stack", "AWS::EC2::Volume")
    kept_logs = {log for stack in STACKS for log in world.resources(stack, "AWS::Logs::LogGroup")}
    vpc = world.resource(DATA, "AWS::EC2::VPC")
    secrets = set(world.resources(DATA, "AWS::SecretsManager::Secret"))

    done, output = destroy(DATA)
    check(not done and stacks()[DATA] == "UPDATE_COMPLETE" and "in use by" in output, "destroy: the data stack is refused while servers import from it", output)

    done, output = destroy(*PLATFORMS)
    check(done and set(stacks()) == {DATA, "CDKToolkit"}, "destroy: the three servers go", output)
    left = left_over()
    check(not left, "destroy: nothing of theirs is left that costs, listens or may do anything", "\n".join(left))
    groups = {log["logGroupName"] for log in api("logs").describe_log_groups()["logGroups"]}
    volumes = {found["VolumeId"] for found in api("ec2").describe_volumes()["Volumes"]}
    check(kept_logs <= groups and volume in volumes, "destroy: their log groups and the data volume stay")

    done, output = destroy(DATA)
    check(not done and "Cannot delete protected DB Instance" in output, "destroy: a protected database refuses to go", output)
    there = world.database()
    subnets = [subnet["SubnetIdentifier"] for subnet in there["DBSubnetGroup"]["Subnets"]]
    needed = api("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]
    kept = {secret["ARN"] for secret in api("secretsmanager").list_secrets()["SecretList"]}
    password = world.resource(DATA, "AWS::SecretsManager::Secret", "DatabaseCredentials")
    check(
        stacks()[DATA] == "DELETE_FAILED" and there["DeletionProtection"] and len(needed) == 2 and password in kept,
        "destroy: with it stay its password, its subnets and its group",
    )
    lost = sorted(arn.rsplit(":", 1)[1].split("-")[1] for arn in secrets - kept)
    print(f"       what nothing held back is gone by then, as in AWS: {', '.join(lost)}")

    api("rds").modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True)
    done, output = destroy(DATA)
    check(done and set(stacks()) == {"CDKToolkit"}, "destroy: without the protection, switched off by hand, it goes", output)
    snapshots = [s["DBSnapshotIdentifier"] for s in api("rds").describe_db_snapshots(DBInstanceIdentifier=name)["DBSnapshots"]]
    check(any(snapshot.startswith(final) for snapshot in snapshots), "destroy: and leaves a last snapshot", str(snapshots))
    vpcs = {known["VpcId"] for known in api("ec2").describe_vpcs()["Vpcs"]}
    databases, names = api("rds").describe_db_instances()["DBInstances"], api("secretsmanager").list_secrets()["SecretList"]
    check(vpc not in vpcs and not databases and not names, "destroy: the network, the database and the secrets are gone")
    roles = [role["RoleName"] for role in api("iam").list_roles()["Roles"] if role["RoleName"].startswith("Flue")]
    groups = {log["logGroupName"] for log in api("logs").describe_log_groups()["logGroups"]}
    check(not roles and kept_logs <= groups, "destroy: every role is gone, and every log group is there", "\n".join(roles))


def main() -> None:
    started = time.monotonic()
    done, output = cdk("bootstrap", "aws://123456789012/us-east-1")
    check(done and stacks() == {"CDKToolkit": "CREATE_COMPLETE"}, "cdk bootstrap", output)
    check_emulator()

    done, output = deploy(1)
    check(done and all(stacks()[stack] == "CREATE_COMPLETE" for stack in STACKS), "cdk deploy --all", output)
    if done:
        check_all(1)
        # As the operator does who follows the example's README; a deployment must not put it back.
        api("secretsmanager").put_secret_value(SecretId=world.resource(DATA, "AWS::SecretsManager::Secret", "ProviderKey"), SecretString="put-by-hand")
        before = world.stateful()
        tasks = world.service()["taskDefinition"]

        done, output = deploy(2)
        changed = all(stacks()[stack] == "UPDATE_COMPLETE" for stack in STACKS)
        check(done and changed, "cdk deploy --all of another size, image, environment, idle timeout and of longer backups", output)
        check_all(2)
        after = world.stateful()
        differing = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        check(not differing, f"the change left {len(before)} ids and secrets as they were, one put by hand among them", "\n".join(differing))
        check(world.task_definition(tasks)["status"] == "INACTIVE", "the change retired the task definition of before")

        done, output = deploy(2)
        check(done and output.count("(no changes)") == len(STACKS), "cdk deploy --all of the same again changes nothing", output)

        lost = set((WORK / "lost").read_text(encoding="utf-8").splitlines())
        check(lost == LOST, f"the emulator shows every property that it was told, but for {len(LOST)} that the README names", "\n".join(lost ^ LOST))

        check_faults(2)
        check_destruction()
    print(f"{time.monotonic() - started:.0f} s")
    print(f"{passed} passed, {failed} failed")


if __name__ == "__main__":
    WORK = pathlib.Path(sys.argv[1])
    os.environ["CDK_DISABLE_CLI_TELEMETRY"] = "true"
    main()
    sys.exit(1 if failed else 0)
