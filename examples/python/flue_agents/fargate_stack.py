from pathlib import Path
from typing import Optional

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk.aws_ec2 import IVpc
from aws_cdk.aws_ecs import Secret
from aws_cdk.aws_elasticloadbalancingv2 import (
    ApplicationListener,
    ApplicationLoadBalancer,
    ApplicationProtocol,
    ListenerAction,
    ListenerCondition,
)
from cdk_flue import FlueExposure, FlueFargateService, FlueImage
from constructs import Construct

from .acknowledgements import acknowledge_fargate
from .data_stack import FlueDataStack
from .preview_base import PreviewBase, export_to_previews, from_base
from .stage import is_preview, preview_port, schema_options

AGENTS = Path(__file__).parents[2] / "agents"


class FlueFargateStack(Stack):
    """The agents on ECS Fargate behind a load balancer: of their own, or of all previews."""

    @staticmethod
    def add_preview_balancer(base: FlueDataStack) -> None:
        """Adds the load balancer of the previews. Each of them opens a port of it."""
        balancer = ApplicationLoadBalancer(base, "LoadBalancer", vpc=base.vpc, internet_facing=True, idle_timeout=_idle_timeout())
        export_to_previews(
            base,
            {
                "LoadBalancer": balancer.load_balancer_arn,
                "LoadBalancerName": balancer.load_balancer_dns_name,
                "LoadBalancerGroup": balancer.connections.security_groups[0].security_group_id,
            },
        )

    def __init__(self, scope: Construct, construct_id: str, *, shared: Optional[FlueDataStack], description: str) -> None:
        super().__init__(scope, construct_id, description=description)

        base = shared or PreviewBase(self, "Base")
        agents = FlueFargateService(
            self,
            "Agents",
            vpc=base.vpc,
            # the other server of the database has a schema of its own
            database=base.database.add_schema("Fargate", **schema_options(self, "fargate")),
            image=FlueImage(self, "Image", directory=str(AGENTS)),
            # None stands for the default
            exposure=self._through_preview_port(base.vpc) if is_preview(self) else None,
            cpu=256 if is_preview(self) else None,
            memory_limit_mib=512 if is_preview(self) else None,
            environment={"MODEL_SPECIFIER": "anthropic/claude-sonnet-4-6"},
            secrets={
                "ANTHROPIC_API_KEY": Secret.from_secrets_manager(base.provider_key),
                "API_TOKEN": Secret.from_secrets_manager(base.api_token),
            },
        )

        CfnOutput(self, "Url", value=agents.url, description="Where the agents answer")
        acknowledge_fargate(self, agents)

    def _through_preview_port(self, vpc: IVpc) -> FlueExposure:
        """A port of the load balancer that the previews share, over plain HTTP: there is no domain name to hold a certificate for."""
        port = preview_port(self)
        host = from_base("LoadBalancerName")
        load_balancer = ApplicationLoadBalancer.from_application_load_balancer_attributes(
            self,
            "LoadBalancer",
            vpc=vpc,
            load_balancer_arn=from_base("LoadBalancer"),
            load_balancer_dns_name=host,
            security_group_id=from_base("LoadBalancerGroup"),
            security_group_allows_all_outbound=False,
        )
        listener = ApplicationListener(
            self,
            "Listener",
            load_balancer=load_balancer,
            port=port,
            protocol=ApplicationProtocol.HTTP,
            default_action=ListenerAction.fixed_response(404),
        )
        return FlueExposure.through_listener(
            listener,
            conditions=[ListenerCondition.path_patterns(["/*"])],
            priority=1,
            idle_timeout=_idle_timeout(),
            url=f"http://{host}:{port}",
        )


def _idle_timeout() -> Duration:
    """How long the load balancer of the previews keeps a connection on which nothing is sent."""
    return Duration.minutes(11)
