import { join } from 'node:path';
import { App, type AppProps } from 'aws-cdk-lib';
import { buildAgents } from '../examples/typescript/lib/app';
import { buildBringYourOwn } from '../examples/typescript/lib/bring-your-own/app';
import { buildLowCost } from '../examples/typescript/lib/low-cost/app';
import { buildProduction } from '../examples/typescript/lib/production/app';

/** The apps of examples/typescript, by the name of their entry file; the first is the one that a newcomer runs. */
export const EXAMPLES: Record<string, (app: App) => void> = {
  'agents': buildAgents,
  'production': buildProduction,
  'low-cost': buildLowCost,
  'bring-your-own': buildBringYourOwn,
};

/** An app of the examples, with the context that the CDK CLI would give it. */
export function exampleApp(name: string, props?: AppProps): App {
  const { context } = require(join(__dirname, '../examples/typescript/cdk.json')); // eslint-disable-line @typescript-eslint/no-require-imports
  const app = new App({ context, analyticsReporting: false, ...props });
  EXAMPLES[name]!(app);
  return app;
}
