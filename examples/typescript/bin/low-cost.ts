#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { buildLowCost } from '../lib/low-cost/app.ts';

buildLowCost(new App());
