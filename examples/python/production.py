#!/usr/bin/env python3
from aws_cdk import App

from flue_agents.production.app import build_production

app = App()
build_production(app)
app.synth()
