import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import * as cdk from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as events from 'aws-cdk-lib/aws-events';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { CA_BUNDLE } from './changing';
import type * as flue from '../../src';
import '../support/only-synthesize.cjs';

/**
 * The app of docs/regions.md, from the snippets of the page itself: each is the body of the constructor of a stack. The context says what the page
 * leaves open: the account, the zone (`zone`), and whether a health check moves the clients (`routing`).
 */

const REGIONS = ['eu-central-1', 'eu-west-1'];

/** The snippets, in the order of the page. */
export function snippetsOf(page: string): string[] {
  return [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text!);
}

/** Runs a snippet where it stands in the page: `this` is the stack, and what the page does not declare is given. */
function build(stack: cdk.Stack, snippet: string, given: object): void {
  const names: Record<string, unknown> = { acm, backup, events, route53, Duration: cdk.Duration, ...given };
  const { code } = transformSync(snippet, { isModule: false, jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } });
  new Function(...Object.keys(names), code).call(stack, ...Object.values(names));
}

/** Builds the stacks of both regions and the one of the record. */
export function buildRegions(app: cdk.App, account: string, library: typeof flue): void {
  const [place, byHand, byHealth] = snippetsOf(readFileSync(join(__dirname, '../../docs/regions.md'), 'utf8'));
  const zoneOf = (stack: cdk.Stack) => route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    hostedZoneId: app.node.tryGetContext('zone') ?? 'Z0123456789EXAMPLE', zoneName: 'example.com',
  });
  for (const region of REGIONS) {
    const stack = new cdk.Stack(app, `Agents-${region}`, { env: { account, region } });
    const image = library.FlueImage.fromRegistry(stack, 'Image', 'registry.example.com/agents:1', { port: 8080, caBundlePath: CA_BUNDLE });
    build(stack, place!, { ...library, image, hostedZone: zoneOf(stack), elsewhere: REGIONS.find(other => other !== region) });
  }
  const route = new cdk.Stack(app, 'Route', { env: { account, region: 'us-east-1' } });
  build(route, app.node.tryGetContext('routing') === 'health' ? byHealth! : byHand!, { hostedZone: zoneOf(route) });
}

if (require.main === module) {
  const app = new cdk.App({ analyticsReporting: false });
  // compiled, as a shell has it: to compile the sources takes longer than a deployment
  buildRegions(app, '111122223333', createRequire(__filename)('../../lib') as typeof flue);
  app.synth();
}
