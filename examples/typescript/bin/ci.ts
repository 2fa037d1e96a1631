#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { buildCi } from '../lib/ci.ts';

buildCi(new App());
