#!/usr/bin/env python3
from aws_cdk import App

from flue_agents.ci import build_ci

app = App()
build_ci(app)
app.synth()
