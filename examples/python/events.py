#!/usr/bin/env python3
from aws_cdk import App

from flue_agents.events.app import build_events

app = App()
build_events(app)
app.synth()
