from aws_cdk import Annotations, CfnElement, Stack, Validations
from cdk_flue import FlueSandboxes
from constructs import Construct

from ..acknowledgements import acknowledge_inbox

PACKS = ["HIPAA.Security", "NIST.800.53.R5"]
ISSUED = (
    "The provider issues its key, and somebody copies the secret of the webhook to GitHub: a function could change neither alone. "
    "The runbook changes them, and the token of the inbox; the agents start anew by themselves."
)
INLINE_POLICY = "CDK writes a policy for each role and attaches it to that one alone; nobody edits it by hand."


def acknowledge(scope: Construct, reason: str, *ids: str) -> None:
    """Accepts findings of cdk-nag by their full ids, such as `AwsSolutions-SMG4`."""
    for finding in ids:
        # `Validations.acknowledge` refuses the `::` of an ARN, so this writes the metadata that cdk-nag reads.
        scope.node.add_metadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, {finding: reason})


def in_packs(rule: str) -> list[str]:
    return [f"{pack}-{rule}" for pack in PACKS]


def every_pack(rule: str) -> list[str]:
    return [*in_packs(rule), f"PCI.DSS.321-{rule}"]


def acknowledge_foundation(stack: Construct) -> None:
    acknowledge(stack, INLINE_POLICY, *every_pack("IAMNoInlinePolicy"))
    acknowledge(
        stack,
        "RDS keeps backups of thirty days by itself and refuses to delete the database; a vault for the whole organization includes it "
        "by its tag.",
        *in_packs("RDSInBackupPlan"),
    )
    acknowledge(
        stack,
        "The public subnets hold the load balancer and the NAT gateways, and nothing else; no subnet gives out public addresses by "
        "itself.",
        *every_pack("VPCNoUnrestrictedRouteToIGW"),
    )
    log_groups = "arn:aws:logs:us-east-1:111122223333:log-group:RDS*"
    acknowledge(
        stack,
        "RDS names the log groups of its metrics by itself; the statement is confined to them, in this account and region.",
        f"AwsSolutions-IAM5[Resource::{log_groups}]",
        f"AwsSolutions-IAM5[Resource::{log_groups}:log-stream:*]",
    )


def acknowledge_sandboxes(pool: FlueSandboxes) -> None:
    stack = Stack.of(pool)

    def of_ecs(resource: str) -> str:
        return f"AwsSolutions-IAM5[Resource::arn:aws:ecs:{stack.region}:{stack.account}:{resource}]"

    if pool.cluster is None or pool.task_definition is None:
        return
    cluster = pool.cluster.node.default_child
    assert isinstance(cluster, CfnElement)
    acknowledge(
        stack,
        "A task has its id, and a definition its revision, only when it is there: conditions on the cluster and on the tag of the pool "
        "confine both.",
        of_ecs(f"task/<{stack.get_logical_id(cluster)}>/*"),
        of_ecs(f"task-definition/{pool.task_definition.family}:*"),
    )
    acknowledge(
        pool,
        "The reaper describes the servers that started sandboxes, whatever clusters they are in. It changes nothing of them.",
        of_ecs("task/*"),
    )
    acknowledge(
        pool,
        "The log of the reaper holds what failed. Its runs change nothing but sandboxes, and ECS keeps why a task stopped.",
        "AwsSolutions-SF1",
    )
    acknowledge(
        pool,
        "The reaper counts the sandboxes. Container Insights would be paid for each of them.",
        "AwsSolutions-ECS4",
    )
    # The rules read no address that only the deployment knows.
    acknowledge(
        pool,
        "The endpoints admit port 443 from the addresses of the VPC, and nothing else.",
        "AwsSolutions-EC23",
        *every_pack("EC2RestrictedCommonPorts"),
        *every_pack("EC2RestrictedSSH"),
    )


def acknowledge_agents(stack: Construct, load_balancer: Construct) -> None:
    acknowledge(stack, ISSUED, "AwsSolutions-SMG4", *in_packs("SecretsManagerRotationEnabled"))
    acknowledge(stack, INLINE_POLICY, *every_pack("IAMNoInlinePolicy"))
    acknowledge(
        stack,
        "The variables are settings (port, model, paths). Every secret is a reference to Secrets Manager.",
        "AwsSolutions-ECS2",
    )
    acknowledge(stack, "ecr:GetAuthorizationToken takes no resource.", "AwsSolutions-IAM5[Resource::*]")
    Annotations.of(stack).acknowledge_warning(
        "cdk-flue:FlueFargateService.accessLogsBucketPolicy",
        "The team that owns the archive lets Elastic Load Balancing write to it.",
    )
    acknowledge(
        stack,
        "What deploys the agents after a secret has changed logs each run; it reads dates and calls nothing that traces.",
        "AwsSolutions-SF2",
    )
    acknowledge_inbox(stack)
    acknowledge(
        stack,
        "A reserve for the functions of the inbox would be taken from the others of the account; the source of the queue calls ten at a "
        "time at most.",
        *in_packs("LambdaConcurrency"),
    )
    acknowledge(
        stack,
        "SQS and API Gateway wait for the answer of a function, so nothing would ever come to its dead letters. The inbox has its own, "
        "with an alarm.",
        *in_packs("LambdaDLQ"),
    )
    acknowledge(
        stack,
        "The function that verifies a webhook calls only Amazon SQS and AWS Secrets Manager. The one that calls the server is in the "
        "VPC.",
        *every_pack("LambdaInsideVPC"),
    )
    acknowledge(
        load_balancer,
        "This listener answers nothing but a redirect to HTTPS.",
        *every_pack("ELBv2ACMCertificateRequired"),
    )
