#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { buildProduction } from '../lib/production/app.ts';

buildProduction(new App());
