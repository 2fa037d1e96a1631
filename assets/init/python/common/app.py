#!/usr/bin/env python3
from aws_cdk import App

from flue_agents.agents import build_agents

app = App()
build_agents(app)
app.synth()
