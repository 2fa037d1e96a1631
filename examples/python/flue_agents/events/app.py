from aws_cdk import App, Validations
from cdk_flue import FlueChecks
from cdk_nag import AwsSolutionsChecks

from .data_stack import EventsDataStack
from .events_stack import EventsStack


def build_events(app: App) -> None:
    """Agents that no client calls: a schedule and a webhook of GitHub bring their work."""
    data = EventsDataStack(
        app, "FlueEventsData", description="Network and database of the Flue agents", termination_protection=True
    )
    EventsStack(app, "FlueEvents", data=data, description="Flue agents whose work comes by itself")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), FlueChecks(app))
