from aws_cdk import App, Environment, Validations
from cdk_flue import FlueChecks
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks

from .acknowledgements import acknowledge_agents, acknowledge_foundation, acknowledge_sandboxes
from .agents_stack import AgentsStack
from .foundation_stack import FoundationStack


def build_production(app: App) -> None:
    """The agents for a team's customers or colleagues: domain, sign-in, filter, alarms, and three packs of compliance rules."""
    # Replace this documentation account with your own. Access logs need a region that synthesis knows.
    env = Environment(account="111122223333", region="us-east-1")

    foundation = FoundationStack(app, "FlueFoundation", env=env)
    agents = AgentsStack(
        app,
        "FlueAgents",
        env=env,
        foundation=foundation,
        domain_name="agents.example.com",
        hosted_zone_id="Z0123456789EXAMPLE",
        zone_name="example.com",
        offices=["203.0.113.0/24", "198.51.100.0/24"],
        log_archive="example-log-archive",
    )
    acknowledge_foundation(foundation)
    redirect = agents.agents.redirect_listener
    if redirect is not None:
        acknowledge_agents(agents, redirect)
    acknowledge_sandboxes(agents.sandboxes)

    Validations.of(app).add_plugins(
        AwsSolutionsChecks(app),
        HIPAASecurityChecks(app),
        NIST80053R5Checks(app),
        PCIDSS321Checks(app),
        FlueChecks(app),
    )
