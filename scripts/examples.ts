import { App, type AppProps } from 'aws-cdk-lib';
import { context } from '../examples/typescript/cdk.json';

/** The apps of examples/typescript, by the name of their entry file; the first is the one that a newcomer runs. */
export const EXAMPLES: Record<string, () => Promise<(app: App) => void>> = {
  // Node itself runs them, as modules: only an `import()` loads one.
  'agents': async () => (await import('../examples/typescript/lib/app.ts')).buildAgents,
  'production': async () => (await import('../examples/typescript/lib/production/app.ts')).buildProduction,
  'low-cost': async () => (await import('../examples/typescript/lib/low-cost/app.ts')).buildLowCost,
  'bring-your-own': async () => (await import('../examples/typescript/lib/bring-your-own/app.ts')).buildBringYourOwn,
  'events': async () => (await import('../examples/typescript/lib/events/app.ts')).buildEvents,
  'ci': async () => (await import('../examples/typescript/lib/ci.ts')).buildCi,
};

/** An app of the examples, with the context that the CDK CLI would give it. */
export async function exampleApp(name: string, props?: AppProps): Promise<App> {
  const build = await EXAMPLES[name]!();
  const app = new App({ analyticsReporting: false, ...props, context: { ...context, ...props?.context } });
  build(app);
  return app;
}
