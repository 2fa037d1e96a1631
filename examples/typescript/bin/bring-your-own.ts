#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { buildBringYourOwn } from '../lib/bring-your-own/app.ts';

buildBringYourOwn(new App());
