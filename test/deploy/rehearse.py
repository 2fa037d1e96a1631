"""Bootstraps, deploys, deploys a change and destroys with the real CLI; asks after each step whether the invariants hold."""

from __future__ import annotations

import json
import os
import pathlib
import re
import sys
import time
from typing import Any

# Each registers what it checks or plants.
import checks_events  # noqa: F401
import checks_features  # noqa: F401
import checks_production  # noqa: F401
import checks_sandboxes  # noqa: F401
import checks_shards  # noqa: F401
import checks_state  # noqa: F401
import existing
import faults_events  # noqa: F401
import faults_features  # noqa: F401
import faults_production  # noqa: F401
import faults_sandboxes  # noqa: F401
import faults_shards  # noqa: F401
import faults_state  # noqa: F401
import moving
import world
from botocore.exceptions import ClientError
from emulator import server
from emulator.schema import schema_of
from faults import FAULTS
from kept import programs
from refused import TOPIC, refused
from world import BLUE_GREEN, FOUNDATION, OTHERS, PRODUCTION, STACKS, api

from checks import CHECKS, failures, of_module

#: Properties that the emulator takes and forgets; the README says so.
LOST = {
    "AWS::EC2::LaunchTemplate.TagSpecifications", "AWS::Lambda::Function.DeadLetterConfig", "AWS::Lambda::Function.LoggingConfig",
    "AWS::RDS::DBInstance.EnablePerformanceInsights", "AWS::RDS::DBInstance.PerformanceInsightsKMSKeyId",
    "AWS::RDS::DBInstance.PerformanceInsightsRetentionPeriod", "AWS::RDS::DBCluster.PerformanceInsightsEnabled",
    "AWS::RDS::DBCluster.PerformanceInsightsKmsKeyId", "AWS::RDS::DBCluster.PerformanceInsightsRetentionPeriod",
}  # fmt: skip
PLATFORMS = STACKS[1:]
PREVIEW = "FluePreview-17"
BASE = "Preview-Base-FlueDataStack"
#: What previews share, and none of them makes.
DEAR = ("AWS::EC2::VPC", "AWS::RDS::DBInstance", "AWS::ElasticLoadBalancingV2::LoadBalancer")
DATA = STACKS[0]
EVERY = [*STACKS, *OTHERS]
#: Version 2 of the others is another image, which these do not have: one has no server, the other its own.
UNCHANGED = {FOUNDATION, world.BRING_YOUR_OWN}

#: What was there before anything was deployed.
BEFORE: set[str] = set()

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
    ran = programs.cdk(WORK, *arguments, "--ci", "--no-notices")
    world.stack_resources.cache_clear()
    return ran


def deploy(version: int) -> tuple[bool, str]:
    return cdk("deploy", "--app", str(WORK / f"v{version}"), "--all", "--require-approval", "never")


def destroy(*stacks: str) -> tuple[bool, str]:
    return cdk("destroy", "--app", str(WORK / "v2"), "--force", "--exclusively", *stacks)


def stacks() -> dict[str, str]:
    return {stack["StackName"]: stack["StackStatus"] for stack in api("cloudformation").describe_stacks()["Stacks"]}


def events(stack: str) -> list[dict[str, Any]]:
    return list(api("cloudformation").describe_stack_events(StackName=stack)["StackEvents"])


def check_order(verb: str) -> None:
    """No service before the rules that lead to it, and no shard before the one in front of it."""
    at = {it["LogicalResourceId"]: place for place, it in enumerate(reversed(events(world.SHARDS))) if it["ResourceStatus"] == f"{verb}_COMPLETE"}
    services = [place for key, place in sorted(at.items()) if re.match(r"AgentsShard\dService", key)]
    rules = [max((place for key, place in at.items() if re.match(own, key)), default=-1) for own in (r"AgentsRules(?!Shard1)", r"AgentsRulesShard1")]
    check(
        len(services) == 2 and all(rule < service for rule, service in zip(rules, services, strict=True)) and services == sorted(services),
        f"shards: one after another, each after its rules ({verb.lower()})",
        str(at),
    )


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
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    cloudformation.delete_stack(StackName=name)
    return f"{stack['StackStatus']}: {'; '.join(reasons)}; {stack.get('StackStatusReason')}"


def check_emulator() -> None:
    """What an emulator must not let pass, or its word is worth nothing."""
    for number, (says, (resources, reason)) in enumerate(refused().items()):
        found = try_template(f"Refused{number}", {"Topic": TOPIC, **resources})
        left = api("sns").list_topics()["Topics"]
        check(found.startswith("ROLLBACK_COMPLETE") and reason in found and not left, f"the emulator refuses {says}, and rolls back", f"{found}\n{left}")


def check_faults(version: int) -> None:
    stale: list[str] = []
    with world.rounds_on_end():
        for number, (says, condemned_by, module, plant) in enumerate(FAULTS):
            judges = of_module(module)
            expected = {known for known in judges if known.startswith(condemned_by)}
            with plant():
                found = failures(version, module)
                stale += world.stale(number)
            exactly = set(found) == expected and len(expected) == len(condemned_by)
            check(exactly, f"{says}: condemned by {len(found)} of {len(judges)} checks", "\n".join(set(found) ^ expected))
    check(not stale, "what a fault cannot have changed is as it was, wherever it is asked again", "\n".join(stale))
    judged = {known for _, condemned_by, module, _ in FAULTS for known in of_module(module) if known.startswith(condemned_by)}
    check(judged == set(CHECKS), "every check condemned a fault", "\n".join(set(CHECKS) - judged))
    broken = failures(version)
    check(not broken, "without the planted faults every check holds again", "\n".join(broken))


def outliving_names() -> list[str]:
    """Resources that stay when their stack goes, and would stand in the way of the next: a stack made anew, or one whose first deployment failed."""
    found = []
    for stack, template in world.templates(*EVERY).items():
        for key, it in json.loads(template)["Resources"].items():
            (name, *_) = schema_of(it["Type"], world.REGION)["primaryIdentifier"] if it.get("DeletionPolicy") == "Retain" else ("",)
            if isinstance(it.get("Properties", {}).get(name.rsplit("/", 1)[-1]), str):
                found.append(f"{stack}.{key}")
    return found


def every(service: str, operation: str, key: str) -> list[dict[str, Any]]:
    return [dict(it) for it in api(service).pages(operation, key)]


def left_over(*kept: str) -> list[str]:
    """What is there although its stack is gone, but for what its policy retains, and for endpoints of VPCs that are kept."""
    gone = (*PLATFORMS, *OTHERS)
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
    named += [it["NatGatewayId"] for it in ec2.describe_nat_gateways()["NatGateways"] if it["State"] == "available"]
    named += [it["VpcEndpointId"] for it in ec2.describe_vpc_endpoints()["VpcEndpoints"] if it["State"] == "available" and it["VpcId"] not in kept]
    named += [it["Id"] for it in api("cloudfront").list_distributions()["DistributionList"].get("Items", [])]
    named += [it["Id"] for it in api("cloudfront").list_vpc_origins()["VpcOriginList"].get("Items", [])]
    named += [it["ARN"] for scope in ("REGIONAL", "CLOUDFRONT") for it in api("wafv2").list_web_acls(Scope=scope)["WebACLs"]]
    named += [it["CertificateArn"] for it in api("acm").list_certificates()["CertificateSummaryList"]]
    named += [it["DashboardName"] for it in api("cloudwatch").list_dashboards()["DashboardEntries"]]
    named += [it["name"] for it in api("logs").describe_query_definitions()["queryDefinitions"]]
    named += [it["ResourceId"] for it in api("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]]
    named += [it["AlarmName"] for it in every("cloudwatch", "describe_alarms", "MetricAlarms")]
    named += api("sqs").list_queues().get("QueueUrls", [])
    named += [it["Name"] for it in api("scheduler").list_schedules()["Schedules"]]
    named += [it["Name"] for it in api("events").list_rules()["Rules"]]
    named += [it["ApiId"] for it in api("apigatewayv2").get_apis()["Items"]]
    named += [it["UUID"] for it in api("lambda").list_event_source_mappings()["EventSourceMappings"]]
    named += [it["stateMachineArn"] for it in every("stepfunctions", "list_state_machines", "stateMachines")]
    firewall = api("route53resolver")
    named += [it["Id"] for it in firewall.list_firewall_domain_lists()["FirewallDomainLists"]]
    named += [it["Id"] for it in firewall.list_firewall_rule_groups()["FirewallRuleGroups"]]
    named += [it["Id"] for it in firewall.list_firewall_rule_group_associations()["FirewallRuleGroupAssociations"]]
    named += [it["BackupPlanId"] for it in api("backup").list_backup_plans()["BackupPlansList"]]
    named += [it["TopicArn"] for it in api("sns").list_topics()["Topics"]]
    named += [it["FunctionName"] for it in every("lambda", "list_functions", "Functions") if not it["FunctionName"].startswith(DATA)]
    named += [it["RoleName"] for it in every("iam", "list_roles", "Roles") if it["RoleName"].startswith(gone)]
    named += [it["GroupName"] for it in ec2.describe_security_groups()["SecurityGroups"] if it["GroupName"].startswith(gone)]
    return named


def standing() -> set[str]:
    """All that costs, holds something, or may do anything."""
    return {
        *left_over(),
        *(it["ARN"] for it in every("secretsmanager", "list_secrets", "SecretList")),
        *(it["DBInstanceIdentifier"] for it in every("rds", "describe_db_instances", "DBInstances")),
        *(it["DBSnapshotIdentifier"] for it in every("rds", "describe_db_snapshots", "DBSnapshots")),
        *(it["VpcId"] for it in every("ec2", "describe_vpcs", "Vpcs")),
        *(it["VolumeId"] for it in every("ec2", "describe_volumes", "Volumes")),
        *(it["Arn"] for it in every("iam", "list_roles", "Roles")),
        *(it["Arn"] for it in every("scheduler", "list_schedules", "Schedules")),
        *world.log_groups(),
    }


def schedule_targets(made: set[str]) -> list[dict[str, Any]]:
    names = [it["Name"] for it in every("scheduler", "list_schedules", "Schedules") if it["Arn"] in made]
    return [api("scheduler").get_schedule(Name=name)["Target"] for name in names]


def check_preview() -> None:
    """Deployed beside production, a preview goes by the words of its own schedule, and production stays."""
    before, others = standing(), stacks()
    done, output = cdk("deploy", "--app", str(WORK / "preview"), "--require-approval", "never", PREVIEW)
    check(done and stacks() == {**others, PREVIEW: "CREATE_COMPLETE"}, "a preview is deployed beside production", output)
    if not done:
        return
    made = standing() - before
    kinds = ("loadbalancer/", ":secret:", ":schedule/", ":role/", "vpc-", "task-definition/")
    check(all(any(kind in it for it in made) for kind in kinds), f"the preview has {len(made)} things of its own", "\n".join(made))
    (stack,) = api("cloudformation").describe_stacks(StackName=PREVIEW)["Stacks"]
    (target,) = schedule_targets(made)
    check(target["Arn"] == "arn:aws:scheduler:::aws-sdk:cloudformation:deleteStack" and json.loads(target["Input"]) == {"StackName": stack["StackId"]},
          "its schedule deletes its stack", str(target))  # fmt: skip
    role = target["RoleArn"].rsplit("/", 1)[1]
    (policy,) = api("iam").list_role_policies(RoleName=role)["PolicyNames"]
    rights = api("iam").get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]
    check(rights == [{"Effect": "Allow", "Action": "cloudformation:DeleteStack", "Resource": stack["StackId"]}], "and its role may do no more", str(rights))
    api("cloudformation").delete_stack(**json.loads(target["Input"]))
    world.stack_resources.cache_clear()
    check(stacks() == others, "the preview goes", str(stacks()))
    after = standing()
    check(after == before, "of the preview nothing is left, and of production nothing is gone", "\n".join(after ^ before))


def shared_by_previews() -> dict[str, Any]:
    """What previews open in the base, and must close again."""
    groups = {it["GroupId"]: it for it in api("ec2").describe_security_groups()["SecurityGroups"] if it["GroupName"].startswith(BASE)}
    balancer = world.resource(BASE, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    listeners = api("elbv2").describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    rules = {key: sorted(str(it) for kind in ("IpPermissions", "IpPermissionsEgress") for it in group[kind]) for key, group in groups.items()}
    return {"rules": rules, "ports": sorted(it["Port"] for it in listeners)}


def check_sharing_previews() -> None:
    """Previews of the example share a network, a database and a load balancer, of which none takes anything along when it goes."""
    untouched, others = standing(), stacks()
    done, output = cdk("deploy", "--app", str(WORK / "preview-base"), "--all", "--require-approval", "never")
    check(done and stacks() == {**others, BASE: "CREATE_COMPLETE"}, "previews: what they share is deployed beside production", output)
    if not done:
        return
    empty, base = shared_by_previews(), standing()
    found: list[set[str]] = []
    for name in ("17", "feature/search"):
        before = standing()
        done, output = cdk("deploy", "--app", str(WORK / f"preview-{name}"), "--all", "--require-approval", "never")
        made = standing() - before
        found.append(made)
        own = [it for stack in stacks() if stack.startswith("Preview-") and stack != BASE for kind in DEAR for it in world.resources(stack, kind)]
        check(done and len(schedule_targets(made)) == 3 and not own,
              f"previews: {name} has a server on each platform, and makes nothing that is dear", output + str(own))  # fmt: skip
    (at_17, of_branch) = shared_by_previews()["ports"]
    check(at_17 == 20017 and 50001 <= of_branch <= 65000, "previews: each has a port of the load balancer", f"{at_17} {of_branch}")
    try:
        api("cloudformation").delete_stack(StackName=BASE)
        refusal = ""
    except ClientError as error:
        refusal = str(error)
    check("in use by Preview-" in refusal, "previews: CloudFormation keeps what a preview imports", refusal)
    before = standing()
    for target in schedule_targets(found[0]):
        api("cloudformation").delete_stack(**json.loads(target["Input"]))
    world.stack_resources.cache_clear()
    after = standing()
    check(after == before - found[0], "previews: 17 goes by the words of its schedules, and of the other nothing is gone", "\n".join(after ^ (before - found[0])))
    done, output = cdk("destroy", "--app", str(WORK / "preview-feature/search"), "--all", "--force")
    check(done and standing() == base and shared_by_previews() == empty, "previews: the last one leaves what they shared as it was", output + "\n".join(standing() ^ base))
    done, output = cdk("destroy", "--app", str(WORK / "preview-base"), "--all", "--force")
    check(done and standing() == untouched and stacks() == others, "previews: what they shared goes whole, and of production nothing is gone",
          output + "\n".join(standing() ^ untouched))  # fmt: skip


def check_destruction_of_others() -> None:
    """Those that nothing protects go at once; of the others everything but what is protected, and in the end that too."""
    free = [world.LOW_COST, world.BRING_YOUR_OWN, world.EDGES, world.SHARDS, world.EVENTS, world.STATE]
    vault, volume = world.resource(world.STATE, "AWS::Backup::BackupVault"), world.resource(world.STATE, "AWS::EC2::Volume")
    done, output = destroy(*free)
    check(done and not set(free) & set(stacks()), "destroy: low-cost, bring-your-own, and the stacks with CloudFront, shards, an inbox and backups go", output)
    vaults = [known["BackupVaultName"] for known in api("backup").list_backup_vaults()["BackupVaultList"]]
    volumes = [found["VolumeId"] for found in api("ec2").describe_volumes()["Volumes"]]
    check(vault in vaults and volume in volumes, "destroy: the vault with the backups and the restored volume stay")

    done, output = destroy(PRODUCTION)
    check(not done and "TerminationProtection is enabled" in output and PRODUCTION in stacks(), "destroy: a protected stack refuses to go", output)
    for stack in (PRODUCTION, FOUNDATION):
        api("cloudformation").update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    balancer = world.resource(PRODUCTION, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    pool = world.resource(PRODUCTION, "AWS::Cognito::UserPool")
    keys = [world.resource(stack, "AWS::KMS::Key") for stack in (PRODUCTION, FOUNDATION, BLUE_GREEN)]
    bucket = world.resource(BLUE_GREEN, "AWS::S3::Bucket")
    done, output = destroy(PRODUCTION)
    check(not done and "deletion protection is enabled" in output, "destroy: a protected load balancer refuses to go", output)
    unprotected = [{"Key": "deletion_protection.enabled", "Value": "false"}]
    api("elbv2").modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=unprotected)
    done, output = destroy(PRODUCTION)
    check(done and PRODUCTION not in stacks(), "destroy: without the protections the agents of production go", output)

    done, output = destroy(BLUE_GREEN)
    check(not done and "Cannot delete protected Cluster" in output, "destroy: a protected cluster of Aurora refuses to go", output)
    api("rds").modify_db_cluster(DBClusterIdentifier=world.resource(BLUE_GREEN, "AWS::RDS::DBCluster"), DeletionProtection=False)
    name = world.resource(FOUNDATION, "AWS::RDS::DBInstance")
    api("rds").modify_db_instance(DBInstanceIdentifier=name, ApplyImmediately=True, DeletionProtection=False)
    done, output = destroy(BLUE_GREEN, FOUNDATION)
    check(done and set(stacks()) == {*STACKS, "CDKToolkit"}, "destroy: without theirs the databases go, and with them their networks", output)
    of_cluster = [known["DBClusterSnapshotIdentifier"] for known in api("rds").describe_db_cluster_snapshots()["DBClusterSnapshots"]]
    of_instance = [known["DBSnapshotIdentifier"] for known in api("rds").describe_db_snapshots(DBInstanceIdentifier=name)["DBSnapshots"]]
    last = [f"{stack}-snapshot-".lower() for stack in (BLUE_GREEN, FOUNDATION)]
    kept = [any(known.startswith(prefix) for known in found) for prefix, found in zip(last, (of_cluster, of_instance), strict=True)]
    check(all(kept), "destroy: and leave a last snapshot each", f"{of_cluster}\n{of_instance}")
    states = {api("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in keys}
    pools = [known["Id"] for known in api("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]]
    buckets = [known["Name"] for known in api("s3").list_buckets()["Buckets"]]
    check(states == {"Enabled"} and pool in pools and {bucket, existing.ARCHIVE} <= set(buckets), "destroy: keys, users and access logs stay")
    (platform,) = api("elbv2").describe_load_balancers(Names=["platform"])["LoadBalancers"]
    rules = world.rules(world.listeners(platform["LoadBalancerArn"])[80]["ListenerArn"])
    check(rules.keys() == {"default"}, "destroy: the listener of the platform is as it was")


def check_destruction() -> None:
    it = world.database()
    name, final = it["DBInstanceIdentifier"], f"{DATA}-snapshot-".lower()
    volume = world.resource("FlueEc2Stack", "AWS::EC2::Volume")
    kept_logs = {log for stack in STACKS for log in world.resources(stack, "AWS::Logs::LogGroup")}
    vpc = world.resource(DATA, "AWS::EC2::VPC")
    secrets = set(world.resources(DATA, "AWS::SecretsManager::Secret"))

    before, resources = standing(), world.stack_resources(DATA)
    done, output = destroy(DATA)
    check(not done and "TerminationProtection is enabled" in output, "destroy: the protected data stack refuses to go", output)
    gone = [*before - standing(), *([] if world.stack_resources(DATA) == resources else ["resources of the stack"])]
    check(stacks()[DATA] == "UPDATE_COMPLETE" and not gone, f"destroy: and has lost none of its {len(resources)} resources", "\n".join(gone))
    api("cloudformation").update_termination_protection(StackName=DATA, EnableTerminationProtection=False)
    done, output = destroy(DATA)
    check(not done and stacks()[DATA] == "UPDATE_COMPLETE" and "in use by" in output, "destroy: the data stack is refused while servers import from it", output)

    done, output = destroy(*PLATFORMS)
    check(done and set(stacks()) == {DATA, "CDKToolkit"}, "destroy: the three servers go", output)
    left = set(left_over(vpc)) - BEFORE
    check(not left, "destroy: of no stack that is gone anything is left that costs, listens or may do anything", "\n".join(left))
    groups = world.log_groups().keys()
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
    databases, names = api("rds").describe_db_instances()["DBInstances"], [
        secret for secret in api("secretsmanager").list_secrets()["SecretList"] if secret["ARN"] not in BEFORE
    ]
    check(vpc not in vpcs and not databases and not names, "destroy: the network, the database and the secrets are gone")
    roles = [role["RoleName"] for role in every("iam", "list_roles", "Roles") if role["RoleName"].startswith("Flue")]
    groups = world.log_groups().keys()
    check(not roles and kept_logs <= groups, "destroy: every role is gone, and every log group is there", "\n".join(roles))


def main() -> None:
    started = time.monotonic()
    server.start(int(os.environ["AWS_ENDPOINT_URL"].rsplit(":", 1)[1]))
    done, output = cdk("bootstrap", f"aws://{world.ACCOUNT}/{world.REGION}")
    check(done and stacks() == {"CDKToolkit": "CREATE_COMPLETE"}, "cdk bootstrap", output)
    check_emulator()

    known = existing.make()
    for version in (1, 2):
        existing.put(WORK / f"v{version}", known)
    BEFORE.update(left_over(), (secret["ARN"] for secret in api("secretsmanager").list_secrets()["SecretList"]))

    done, output = deploy(1)
    check(done and all(stacks()[stack] == "CREATE_COMPLETE" for stack in EVERY), "cdk deploy --all", output)
    if done:
        check_all(1)
        check_order("CREATE")
        # As the operator does who follows the example's README; a deployment must not put it back.
        api("secretsmanager").put_secret_value(SecretId=world.resource(DATA, "AWS::SecretsManager::Secret", "ProviderKey"), SecretString="put-by-hand")
        before = world.stateful()
        tasks = world.service()["taskDefinition"]

        done, output = deploy(2)
        changed = {stack for stack in EVERY if stacks()[stack] == "UPDATE_COMPLETE"} == set(EVERY) - UNCHANGED
        check(done and changed, "cdk deploy --all of another size, image, environment, idle timeout and of longer backups", output)
        check_all(2)
        check_order("UPDATE")
        after = world.stateful()
        differing = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        check(not differing, f"the change left {len(before)} ids and secrets as they were, one put by hand among them", "\n".join(differing))
        check(world.task_definition(tasks)["status"] == "INACTIVE", "the change retired the task definition of before")

        done, output = deploy(2)
        check(done and output.count("(no changes)") == len(EVERY), "cdk deploy --all of the same again changes nothing", output)

        named = outliving_names()
        check(not named, "nothing that outlives its stack has a name that the next stack would need", "\n".join(named))

        moving.rehearse(WORK, check)

        lost = set((WORK / "lost").read_text(encoding="utf-8").splitlines())
        check(lost == LOST, f"the emulator shows every property that it was told, but for {len(LOST)} that the README names", "\n".join(lost ^ LOST))

        check_preview()
        check_sharing_previews()
        check_faults(2)
        check_destruction_of_others()
        check_destruction()
    print(f"{time.monotonic() - started:.0f} s")
    print(f"{passed} passed, {failed} failed")


if __name__ == "__main__":
    WORK = pathlib.Path(sys.argv[1])
    os.environ["CDK_DISABLE_CLI_TELEMETRY"] = "true"
    main()
    sys.exit(1 if failed else 0)
