"""Faults of the examples `production`, `low-cost` and `bring-your-own`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import world
from faults import balancer, changed_service, fault, opened, security_group, task
from world import BRING_YOUR_OWN, EVERYONE, FOUNDATION, LOW_COST, PRODUCTION, api, resource, resources

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"


def _listener(port: int) -> dict[str, Any]:
    return world.listeners(resource(PRODUCTION, BALANCER))[port]


@contextlib.contextmanager
def changed_listener(known: dict[str, Any], **changed: Any) -> Iterator[None]:
    elb = api("elbv2")
    elb.modify_listener(ListenerArn=known["ListenerArn"], **changed)
    yield
    elb.modify_listener(ListenerArn=known["ListenerArn"], **{name: known[name] for name in changed})


@contextlib.contextmanager
def changed_policy(bucket: str, statements: list[dict[str, Any]]) -> Iterator[None]:
    before = api("s3").get_bucket_policy(Bucket=bucket)["Policy"]
    api("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    yield
    api("s3").put_bucket_policy(Bucket=bucket, Policy=before)


@contextlib.contextmanager
def changed_record(stack: str, **changed: Any) -> Iterator[None]:
    """The record of a stack's name, leading elsewhere."""
    route53, name = api("route53"), resource(stack, "AWS::Route53::RecordSet")
    for zone in route53.list_hosted_zones()["HostedZones"]:
        for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
            mine = "AliasTarget" in record if stack != LOW_COST else "ResourceRecords" in record
            if record["Name"] == name and mine:
                for value in ({**record, **changed}, record):
                    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": value}]}
                    route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch=batch)
                    if value is not record:
                        yield


@contextlib.contextmanager
def granted(role: str, action: str, target: str) -> Iterator[None]:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": target}]}
    api("iam").put_role_policy(RoleName=role, PolicyName="planted", PolicyDocument=json.dumps(document))
    yield
    api("iam").delete_role_policy(RoleName=role, PolicyName="planted")


@fault("protocols of ten years ago", "production: HTTPS")
def _() -> Iterator[None]:
    with changed_listener(_listener(443), SslPolicy="ELBSecurityPolicy-2016-08"):
        yield


@fault("a certificate whose domain nobody proves", "production: HTTPS")
def _() -> Iterator[None]:
    route53 = api("route53")
    certificate = api("acm").describe_certificate(CertificateArn=_listener(443)["Certificates"][0]["CertificateArn"])["Certificate"]
    name = certificate["DomainValidationOptions"][0]["ResourceRecord"]["Name"]
    zones = [it["Id"] for it in route53.list_hosted_zones()["HostedZones"]]
    # another region may prove the same name in a zone of its own
    proofs = [(zone, it) for zone in zones for it in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] if it["Name"] == name]
    for action in ("DELETE", "CREATE"):
        for zone, record in proofs:
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]})
        if action == "DELETE":
            yield


@fault("plain HTTP that is answered", "production: HTTPS")
def _() -> Iterator[None]:
    with changed_listener(_listener(80), DefaultActions=[_listener(443)["DefaultActions"][-1]]):
        yield


@fault("no sign-in", "production: the paths of the health check", "production: the sign-in")
def _() -> Iterator[None]:
    with changed_listener(_listener(443), DefaultActions=[{**_listener(443)["DefaultActions"][-1], "Order": 1}]):
        yield


@fault("a path that needs no sign-in", "production: the paths of the health check")
def _() -> Iterator[None]:
    condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/agents/*"]}}
    forward = [{**_listener(443)["DefaultActions"][-1], "Order": 1}]
    made = api("elbv2").create_rule(ListenerArn=_listener(443)["ListenerArn"], Priority=2, Conditions=[condition], Actions=forward)["Rules"][0]
    yield
    api("elbv2").delete_rule(RuleArn=made["RuleArn"])


@fault("a client that calls back elsewhere", "production: the sign-in")
def _() -> Iterator[None]:
    idp, where = api("cognito-idp"), {
        "UserPoolId": resource(PRODUCTION, "AWS::Cognito::UserPool"), "ClientId": resource(PRODUCTION, "AWS::Cognito::UserPoolClient"),
    }  # fmt: skip
    before = idp.describe_user_pool_client(**where)["UserPoolClient"]["CallbackURLs"]
    idp.update_user_pool_client(**where, CallbackURLs=["https://elsewhere.example.com/oauth2/idpresponse"])
    yield
    idp.update_user_pool_client(**where, CallbackURLs=before)


@fault("a second factor by choice", "production: nobody signs up")
def _() -> Iterator[None]:
    pool = resource(PRODUCTION, "AWS::Cognito::UserPool")
    for mode in ("OPTIONAL", "ON"):
        api("cognito-idp").set_user_pool_mfa_config(UserPoolId=pool, MfaConfiguration=mode, SoftwareTokenMfaConfiguration={"Enabled": True})
        if mode == "OPTIONAL":
            yield


@fault("a web ACL that filters nothing", "production: the web ACL")
def _() -> Iterator[None]:
    arn = resource(PRODUCTION, BALANCER)
    acl = api("wafv2").get_web_acl_for_resource(ResourceArn=arn)["WebACL"]["ARN"]
    api("wafv2").disassociate_web_acl(ResourceArn=arn)
    yield
    api("wafv2").associate_web_acl(ResourceArn=arn, WebACLArn=acl)


@fault("tokens in the logs of the web ACL", "production: the web ACL")
def _() -> Iterator[None]:
    acl = api("wafv2").get_web_acl_for_resource(ResourceArn=resource(PRODUCTION, BALANCER))["WebACL"]["ARN"]
    known = api("wafv2").get_logging_configuration(ResourceArn=acl)["LoggingConfiguration"]
    api("wafv2").put_logging_configuration(LoggingConfiguration={**known, "RedactedFields": known["RedactedFields"][:1]})
    yield
    api("wafv2").put_logging_configuration(LoggingConfiguration=known)


@fault("a log archive that only its owner may write to", "production: access logs")
def _() -> Iterator[None]:
    bucket = world.load_balancer_attributes(resource(PRODUCTION, BALANCER))["access_logs.s3.bucket"]
    owner = {"AWS": f"arn:aws:iam::{world.ACCOUNT}:root"}
    with changed_policy(bucket, [{"Effect": "Allow", "Principal": owner, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}]):
        yield


@fault("a load balancer that is open to everyone", "production: only the offices")
def _() -> Iterator[None]:
    with opened(security_group(PRODUCTION, "AgentsLoadBalancer"), 443):
        yield


@fault("the address of a stranger among those of the NAT gateways", "production: the prefix list")
def _() -> Iterator[None]:
    ec2, name, entry = api("ec2"), resource(FOUNDATION, "AWS::EC2::PrefixList"), {"Cidr": "192.0.2.1/32"}
    ec2.modify_managed_prefix_list(PrefixListId=name, AddEntries=[entry])
    yield
    ec2.modify_managed_prefix_list(PrefixListId=name, RemoveEntries=[entry])


@fault("an inbox that calls the path of people", "production: the function of the inbox")
def _() -> Iterator[None]:
    name = resource(PRODUCTION, "AWS::Lambda::Function", "AgentsInboxDelivery")
    before = api("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    for variables in ({**before, "PATH_PREFIX": ""}, before):
        api("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        if variables is not before:
            yield


@fault("tasks with public addresses", "production: tasks without")
def _() -> Iterator[None]:
    network = world.service(PRODUCTION)["networkConfiguration"]["awsvpcConfiguration"]
    with changed_service(PRODUCTION, networkConfiguration={"awsvpcConfiguration": {**network, "assignPublicIp": "ENABLED"}}):
        yield


@fault("one NAT gateway for both zones", "production: tasks without")
def _() -> Iterator[None]:
    one, other = resources(FOUNDATION, "AWS::EC2::NatGateway")
    table = resource(FOUNDATION, "AWS::EC2::RouteTable", "NetworkVpcPrivateSubnet1")
    mine = next(way["NatGatewayId"] for way in world.routes(resources(FOUNDATION, "AWS::EC2::Subnet", "NetworkVpcPrivateSubnet1")) if "NatGatewayId" in way)
    for gateway in (other if mine == one else one, mine):
        api("ec2").replace_route(RouteTableId=table, DestinationCidrBlock=EVERYONE, NatGatewayId=gateway)
        if gateway != mine:
            yield


@fault("a database in one zone", "production: the database")
def _() -> Iterator[None]:
    name = resource(FOUNDATION, "AWS::RDS::DBInstance")
    for both in (False, True):
        api("rds").modify_db_instance(DBInstanceIdentifier=name, ApplyImmediately=True, MultiAZ=both)
        if not both:
            yield


@fault("a key that never changes", "production: keys rotate")
def _() -> Iterator[None]:
    key = resource(PRODUCTION, "AWS::KMS::Key")
    api("kms").disable_key_rotation(KeyId=key)
    yield
    api("kms").enable_key_rotation(KeyId=key)


@fault("a key that CloudWatch may not use", "production: keys rotate")
def _() -> Iterator[None]:
    key = resource(PRODUCTION, "AWS::KMS::Key")
    before = api("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    for policy in (before.replace("cloudwatch.amazonaws.com", "events.amazonaws.com"), before):
        api("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
        if policy != before:
            yield


@fault("a key that does not admit who reads its secret", "production: the execution role")
def _() -> Iterator[None]:
    key = resource(PRODUCTION, "AWS::KMS::Key")
    before = api("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    role = world.task_definition(world.service(PRODUCTION)["taskDefinition"])["executionRoleArn"]
    for policy in (before.replace(role, f"arn:aws:iam::{world.ACCOUNT}:root"), before):
        api("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
        if policy != before:
            yield


@fault("a role that reads a secret of another", "production: the execution role")
def _() -> Iterator[None]:
    role = resource(PRODUCTION, "AWS::IAM::Role", "AgentsTaskDefinitionExecutionRole")
    with granted(role, "secretsmanager:GetSecretValue", api("secretsmanager").describe_secret(SecretId="agents/API_TOKEN")["ARN"]):
        yield


@fault("alarms that roll nothing back", "production: the alarms")
def _() -> Iterator[None]:
    how = world.service(PRODUCTION)["deploymentConfiguration"]
    with changed_service(PRODUCTION, deploymentConfiguration={**how, "alarms": {**how["alarms"], "rollback": False}}):
        yield


@fault("an alarm that judges deployments and is not there", "production: the alarms")
def _() -> Iterator[None]:
    how = world.service(PRODUCTION)["deploymentConfiguration"]
    with changed_service(PRODUCTION, deploymentConfiguration={**how, "alarms": {**how["alarms"], "alarmNames": ["gone", how["alarms"]["alarmNames"][0]]}}):
        yield


@fault("a dashboard of another service", "production: the dashboard")
def _() -> Iterator[None]:
    name, service = resource(PRODUCTION, "AWS::CloudWatch::Dashboard"), world.service(PRODUCTION)["serviceName"]
    before = api("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    for body in (before.replace(service, "another"), before):
        api("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)
        if body != before:
            yield


@fault("a saved query of no log group", "production: the dashboard")
def _() -> Iterator[None]:
    query = api("logs").describe_query_definitions(queryDefinitionNamePrefix=f"{PRODUCTION}/")["queryDefinitions"][0]
    api("logs").put_query_definition(**{**query, "logGroupNames": []})
    yield
    api("logs").put_query_definition(**query)


@fault("a name that leads elsewhere", "production: the name")
def _() -> Iterator[None]:
    with changed_record(PRODUCTION, AliasTarget={"HostedZoneId": "Z2P70J7EXAMPLE", "DNSName": "elsewhere.example.com", "EvaluateTargetHealth": False}):
        yield


@fault("a load balancer that may be deleted", "production: stacks")
def _() -> Iterator[None]:
    with balancer(resource(PRODUCTION, BALANCER), "deletion_protection.enabled", "false"):
        yield


@fault("a stack that may be deleted", "production: stacks")
def _() -> Iterator[None]:
    for protected in (False, True):
        api("cloudformation").update_termination_protection(StackName=PRODUCTION, EnableTerminationProtection=protected)
        if not protected:
            yield


@fault("a server that may write where it likes", "production: the server")
def _() -> Iterator[None]:
    with task(lambda definition: definition["containerDefinitions"][0].update(readonlyRootFilesystem=False), PRODUCTION):
        yield


@fault("an idle timeout below the longest run", "production: the server")
def _() -> Iterator[None]:
    with balancer(resource(PRODUCTION, BALANCER), "idle_timeout.timeout_seconds", "60"):
        yield


@fault("a name that leads to another box", "low-cost: the name")
def _() -> Iterator[None]:
    with changed_record(LOW_COST, ResourceRecords=[{"Value": "192.0.2.1"}]):
        yield


@fault("SSH to the cheap box", "low-cost: the name")
def _() -> Iterator[None]:
    with opened(security_group(LOW_COST, "AgentsSecurityGroup"), 22):
        yield


@fault("a box that reads every parameter", "low-cost: the box reads")
def _() -> Iterator[None]:
    with granted(resource(LOW_COST, "AWS::IAM::Role", "AgentsRole"), "ssm:GetParameters", "*"):
        yield


@fault("a rule for every host", "bring-your-own: a rule")
def _() -> Iterator[None]:
    arn = resource(BRING_YOUR_OWN, "AWS::ElasticLoadBalancingV2::ListenerRule")
    (rule,) = api("elbv2").describe_rules(RuleArns=[arn])["Rules"]
    for hosts in (["*"], rule["Conditions"][0]["HostHeaderConfig"]["Values"]):
        api("elbv2").modify_rule(RuleArn=arn, Conditions=[{"Field": "host-header", "HostHeaderConfig": {"Values": hosts}}])
        if hosts == ["*"]:
            yield


@fault("a platform that raises the idle timeout and tells nobody", "bring-your-own: the server keeps")
def _() -> Iterator[None]:
    (known,) = api("elbv2").describe_load_balancers(Names=["platform"])["LoadBalancers"]
    with balancer(known["LoadBalancerArn"], "idle_timeout.timeout_seconds", "1200"):
        yield


@fault("a task of the platform that is open to everyone", "bring-your-own: the load balancer reaches")
def _() -> Iterator[None]:
    with opened(resource(BRING_YOUR_OWN, "AWS::EC2::SecurityGroup"), 8080):
        yield


@fault("a role that reads every secret of the platform", "bring-your-own: the execution role")
def _() -> Iterator[None]:
    with granted(resource(BRING_YOUR_OWN, "AWS::IAM::Role", "AgentsTaskDefinitionExecutionRole"), "secretsmanager:GetSecretValue", "*"):
        yield


@fault("another image than that of the repository", "bring-your-own: nothing is made")
def _() -> Iterator[None]:
    with task(lambda definition: definition["containerDefinitions"][0].update(image="registry.example.com/agents:1"), BRING_YOUR_OWN):
        yield
