from aws_cdk import Acknowledgment, Annotations, Validations
from constructs import Construct

from .stage import is_base, is_preview

OF_ACCOUNT = "<AWS::Region>:<AWS::AccountId>"
INSTANCES = f"IAM5[Resource::arn:<AWS::Partition>:ec2:{OF_ACCOUNT}:instance/*]"
INTERFACES = f"IAM5[Resource::arn:<AWS::Partition>:ec2:{OF_ACCOUNT}:network-interface/*]"
GROUPS = f"IAM5[Resource::arn:<AWS::Partition>:autoscaling:{OF_ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/*]"
TARGETS = f"IAM5[Resource::arn:<AWS::Partition>:elasticloadbalancing:{OF_ACCOUNT}:targetgroup/*]"
DROPS = "IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:*:task/<SchemaCleanupCluster9AC18850>/*]"
EXPRESS_POLICY = (
    "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
    "AmazonECSInfrastructureRoleforExpressGatewayServices]"
)

WRITES_LOGS = "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]"
IN_VPC = "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole]"

# The findings that we accept in the example, with the reason for each.
REASONS = {
    "RDS3": "One zone at half the price: an outage of the zone stops the agents, and backups of seven days restore them. "
    "Production sets `multiAz: true`.",
    "RDS10": "The database of the previews holds nothing that must stay. Production keeps the protection.",
    "SMG4": "The provider key changes where it was issued, and the connection string holds the password: rotating either "
    "alone would cut the agents off.",
    "EC23": "Clients are on the internet. The application asks each of them for API_TOKEN, and the tasks admit only the "
    "load balancer.",
    "ECS2": "The variables are settings (port, model, paths). Every secret is a reference to Secrets Manager.",
    "ELB2": "A demonstration without traffic to audit. Production sets `access_logs=True` in a stack that names its region.",
    "IAM5[Resource::*]": "ecr:GetAuthorizationToken and the Describe actions of EC2 and Elastic Load Balancing take no resource, "
    "nor do those of Session Manager, and cloudwatch:PutMetricData only a namespace: AWS defines them for all.",
    INSTANCES: "The id of the instance is not known before the group launches it: a condition on its tag confines the "
    "statement to the boxes of this server.",
    INTERFACES: "As the instance that it comes with: a condition confines the statement to the VPC.",
    GROUPS: "The group waits for the role, so the role cannot name it: a condition on its tag confines the statement to the"
    " group of this server.",
    TARGETS: "ECS makes the target groups, and others with later images: a condition on the tag of ECS confines the statement "
    "to what it manages.",
    EXPRESS_POLICY: "The policy is the one AWS requires of, and maintains for, the infrastructure role of ECS Express Mode.",
    WRITES_LOGS: "AWS maintains it: a function writes its log.",
    IN_VPC: "AWS maintains it: a function in the VPC makes its network interfaces.",
    "L1": "The functions run on the version of Node.js on which the library tests them, and AWS still patches it.",
    "SQS3": "The queue of the undelivered is where events end that came into no other queue, as dead letters do; an alarm watches it.",
    "APIG4": "GitHub signs each request, and the function checks the signature of the body, which no authorizer sees.",
    "APIG1": "Its one route is a function, which logs what it accepts, and what it refuses for its signature.",
    "ECS4": "A task of half a minute, which says in its log what schemas it dropped.",
    DROPS: "A task has no id before it runs: the statement is confined to the cluster of the tasks that drop schemas.",
    "AS3": "The group replaces its only box by itself. Put an alarm on the metric Healthy, which says whether the server "
    "answers.",
}

# The reason to leave a service without a sign-in open to everyone.
PUBLIC = "Clients are on the internet, and the application asks each of them for API_TOKEN before an agent hears of it."


def acknowledge(scope: Construct, *rules: str) -> None:
    for rule in rules:
        # `Validations.acknowledge` refuses the `::` of an ARN, so this writes the metadata that cdk-nag reads.
        scope.node.add_metadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, {f"AwsSolutions-{rule}": REASONS[rule]})


def acknowledge_data(stack: Construct) -> None:
    acknowledge(stack, "RDS3", "SMG4")
    if is_base(stack):
        acknowledge(stack, "RDS10", "ELB2", "ECS2", "ECS4", "IAM5[Resource::*]", DROPS)


def _acknowledge_schema(stack: Construct) -> None:
    """The secrets of a schema stand in the stack of its database, and in a preview in that of the server."""
    if is_preview(stack):
        acknowledge(stack, "SMG4")


def acknowledge_fargate(stack: Construct, agents: Construct) -> None:
    acknowledge(stack, "EC23", "ECS2", "ELB2", "IAM5[Resource::*]")
    _acknowledge_schema(stack)
    reason = (
        "There is no domain name to hold a certificate for. Pass `domain_name` and `hosted_zone` before a token crosses a network "
        "you do not trust."
    )
    Annotations.of(agents).acknowledge_warning("cdk-flue:FlueFargateService.plainHttp", reason)
    Annotations.of(agents).acknowledge_warning("cdk-flue:FlueService.publicWithoutAuthentication", PUBLIC)
    Validations.of(agents).acknowledge(
        # The validator misreads the exported subnets of another stack as one value.
        Acknowledgment(id="CloudFormation-Validate::W9007", reason="The subnets are two different exports of FlueDataStack."),
    )


def acknowledge_express(stack: Construct, agents: Construct) -> None:
    acknowledge(stack, "ECS2", "IAM5[Resource::*]", TARGETS, EXPRESS_POLICY)
    _acknowledge_schema(stack)
    reason = (
        "Express Mode always shifts traffic between two revisions; prompts in flight while the example is deployed may be lost."
    )
    Annotations.of(agents).acknowledge_warning("cdk-flue:OneLiveOwner.overlap", reason)
    Annotations.of(agents).acknowledge_warning("cdk-flue:FlueService.publicWithoutAuthentication", PUBLIC)


def acknowledge_ec2(stack: Construct, agents: Construct) -> None:
    acknowledge(stack, "AS3", "IAM5[Resource::*]", INSTANCES, INTERFACES, GROUPS)
    reason = (
        "There is no domain name to hold a certificate for, and one address alone may connect. Pass `domain_name` before a token "
        "crosses a network you do not trust."
    )
    Annotations.of(agents).acknowledge_warning("cdk-flue:FlueEc2Service.plainHttp", reason)
    Validations.of(agents).acknowledge(
        Acknowledgment(
            id="CloudFormation-Validate::E1152",
            reason="EC2 resolves the parameter of the machine image at every launch; the validator knows only the ids of images.",
        )
    )


def acknowledge_inbox(stack: Construct) -> None:
    """Accepts the findings that every inbox with a webhook has."""
    acknowledge(stack, WRITES_LOGS, IN_VPC, "L1", "SQS3", "APIG4", "APIG1")


def acknowledge_previews(role: Construct) -> None:
    reason = "Previews have a bootstrap of their own, whose policy knows nothing of production."
    Annotations.of(role).acknowledge_warning("cdk-flue:FlueDeployRole.pullRequests", reason)
