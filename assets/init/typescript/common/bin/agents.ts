#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { buildAgents } from '../lib/app.ts';

buildAgents(new App());
