#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { buildEvents } from '../lib/events/app.ts';

buildEvents(new App());
