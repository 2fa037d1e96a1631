from aws_cdk import Annotations
from constructs import Construct

from ..acknowledgements import acknowledge, acknowledge_inbox


def acknowledge_events(stack: Construct, agents: Construct) -> None:
    acknowledge(stack, "SMG4", "ECS2", "ELB2", "IAM5[Resource::*]")
    acknowledge_inbox(stack)
    reason = (
        "The load balancer admits the inbox alone, and what it sends stays in the VPC. Pass `domain_name` and `hosted_zone` before "
        "others may call."
    )
    Annotations.of(agents).acknowledge_warning("cdk-flue:FlueFargateService.plainHttp", reason)
