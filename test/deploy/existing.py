"""What the examples find in an account: made by the APIs, and put where their templates have a placeholder."""

from __future__ import annotations

import json
import pathlib

from world import ACCOUNT, BLUE_GREEN, BRING_YOUR_OWN, EDGES, LOW_COST, PRODUCTION, REGION, STATE, api

#: Who writes the access logs of a load balancer of this region, by the guide of Elastic Load Balancing.
LOAD_BALANCERS = "arn:aws:iam::127311923021:root"
ARCHIVE = "example-log-archive"
#: The snapshot of a database, as stacks.ts names it.
LAST = "last-of-agents"
#: Placeholders of what the example is told and no resource of it names.
UNUSED = ("rtb-",)
SECRETS = ("DATABASE_URL", "ANTHROPIC_API_KEY", "API_TOKEN")


def make() -> dict[str, dict[str, str]]:
    """What stands for each placeholder, by the stack."""
    _archive()
    for name in SECRETS[1:]:
        api("ssm").put_parameter(Name=f"/flue/{name}", Value=f"{name} of the box", Type="SecureString")
    zone = {"Z0123456789EXAMPLE": _zone("of production")}
    # two examples have one name, and no zone has a name twice
    return {PRODUCTION: zone, BLUE_GREEN: zone, EDGES: zone, LOW_COST: {"Z0123456789EXAMPLE": _zone("of the box")}, BRING_YOUR_OWN: _platform(), STATE: _lost()}


def put(assembly: pathlib.Path, known: dict[str, dict[str, str]]) -> None:
    """Puts what exists where the templates have a placeholder, as who deploys an example does in its source."""
    for stack, values in known.items():
        template = assembly / f"{stack}.template.json"
        text = template.read_text(encoding="utf-8")
        for placeholder, value in values.items():
            if placeholder not in text and not placeholder.startswith(UNUSED):
                raise ValueError(f"{stack} has no {placeholder}")
            text = text.replace(placeholder, value)
        template.write_text(text, encoding="utf-8")


def _zone(reference: str) -> str:
    made = api("route53").create_hosted_zone(Name="example.com", CallerReference=reference)
    return str(made["HostedZone"]["Id"]).rsplit("/", 1)[1]


def _archive() -> None:
    writes = {
        "Effect": "Allow",
        "Principal": {"AWS": LOAD_BALANCERS},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{ARCHIVE}/AWSLogs/{ACCOUNT}/*",
    }
    api("s3").create_bucket(Bucket=ARCHIVE)
    api("s3").put_bucket_policy(Bucket=ARCHIVE, Policy=json.dumps({"Version": "2012-10-17", "Statement": [writes]}))


def _lost() -> dict[str, str]:
    """Snapshots of a database and of a volume that are gone."""
    rds, ec2 = api("rds"), api("ec2")
    former = {"DBInstanceIdentifier": "former"}
    rds.create_db_instance(
        **former, Engine="postgres", EngineVersion="18", DBInstanceClass="db.t4g.micro", AllocatedStorage=20, StorageEncrypted=True, DBName="flue",
        MasterUsername="flue", MasterUserPassword="of-the-former-database", PubliclyAccessible=False,
    )  # fmt: skip
    rds.create_db_snapshot(**former, DBSnapshotIdentifier=LAST)
    rds.delete_db_instance(**former, SkipFinalSnapshot=True)
    volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8, Encrypted=True)["VolumeId"]
    snapshot = str(ec2.create_snapshot(VolumeId=volume)["SnapshotId"])
    ec2.delete_volume(VolumeId=volume)
    return {"snap-0123456789abcdef0": snapshot}


def _platform() -> dict[str, str]:
    """The network, cluster, load balancer and secrets of a platform team."""
    ec2, elb = api("ec2"), api("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    known = {"vpc-0123456789abcdef0": vpc}
    subnets = []
    for index, zone in enumerate("ab"):
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{index}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        known |= {f"subnet-0123456789abcdef{index}": subnet, f"rtb-0123456789abcdef{index}": table}
        subnets.append(subnet)
    for index, name in enumerate(("load balancer", "database")):
        known[f"sg-0123456789abcdef{index}"] = ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name)["GroupId"]

    groups = [known["sg-0123456789abcdef0"]]
    balancer = elb.create_load_balancer(Name="platform", Subnets=subnets, SecurityGroups=groups, Scheme="internal")["LoadBalancers"][0]["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "900"}])
    nothing = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
    listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=nothing)["Listeners"][0]["ListenerArn"]
    known[f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/platform/0123456789abcdef/0123456789abcdef"] = listener

    api("ecs").create_cluster(clusterName="platform")
    api("ecr").create_repository(repositoryName="agents")
    for name in SECRETS:
        api("secretsmanager").create_secret(Name=f"agents/{name}", SecretString=f"{name} of the platform")
    return known
