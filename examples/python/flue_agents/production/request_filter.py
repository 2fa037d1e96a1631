from aws_cdk import ArnFormat, Fn, Stack
from aws_cdk.aws_kms import IKey
from aws_cdk.aws_logs import LogGroup, RetentionDays
from aws_cdk.aws_wafv2 import CfnLoggingConfiguration, CfnWebACL
from constructs import Construct

# The most requests from one address in five minutes.
REQUESTS_PER_ADDRESS = 2000
MANAGED_RULES = ["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"]


def seen(metric_name: str) -> CfnWebACL.VisibilityConfigProperty:
    return CfnWebACL.VisibilityConfigProperty(metric_name=metric_name, cloud_watch_metrics_enabled=True, sampled_requests_enabled=True)


def managed(name: str, priority: int) -> CfnWebACL.RuleProperty:
    return CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=CfnWebACL.OverrideActionProperty(none={}),
        statement=CfnWebACL.StatementProperty(
            managed_rule_group_statement=CfnWebACL.ManagedRuleGroupStatementProperty(vendor_name="AWS", name=name)
        ),
        visibility_config=seen(name),
    )


class RequestFilter(Construct):
    """A web ACL that blocks known attackers, known attacks and floods before they reach the load balancer."""

    web_acl: CfnWebACL

    def __init__(self, scope: Construct, construct_id: str, *, log_encryption_key: IKey) -> None:
        super().__init__(scope, construct_id)

        floods = CfnWebACL.RuleProperty(
            name="Floods",
            priority=len(MANAGED_RULES),
            action=CfnWebACL.RuleActionProperty(block=CfnWebACL.BlockActionProperty()),
            statement=CfnWebACL.StatementProperty(
                rate_based_statement=CfnWebACL.RateBasedStatementProperty(limit=REQUESTS_PER_ADDRESS, aggregate_key_type="IP")
            ),
            visibility_config=seen("Floods"),
        )
        self.web_acl = CfnWebACL(
            self,
            "WebAcl",
            scope="REGIONAL",
            default_action=CfnWebACL.DefaultActionProperty(allow=CfnWebACL.AllowActionProperty()),
            visibility_config=seen("FlueAgents"),
            rules=[*(managed(name, priority) for priority, name in enumerate(MANAGED_RULES)), floods],
        )
        # AWS WAF writes only to log groups with this prefix. The log group stays when the stack is deleted, so the name is
        # unique to each stack.
        stack_uuid = Fn.select(2, Fn.split("/", Stack.of(self).stack_id))
        log_group = LogGroup(
            self,
            "LogGroup",
            log_group_name=f"aws-waf-logs-flue-agents-{stack_uuid}",
            retention=RetentionDays.ONE_YEAR,
            encryption_key=log_encryption_key,
        )
        destination = Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=log_group.log_group_name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.web_acl.attr_arn,
            log_destination_configs=[destination],
            # Keeps the tokens of the app and the sessions of the load balancer out of the logs.
            redacted_fields=[
                CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name}) for name in ("authorization", "cookie")
            ],
        )
