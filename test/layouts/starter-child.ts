import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App } from 'aws-cdk-lib';
import * as library from '../../src';
import { main } from '../../src/cli/main';
import { provideLibrary } from '../support/provide-library';
import '../support/silence-judge.cjs';

/** Writes the starter of an app and synthesizes it on the sources of the library: `starter-child.ts APP OUTDIR`. Prints the secrets that its server takes. */
async function starter([directory, outdir]: readonly string[]): Promise<number> {
  const code = await main(['init', directory!, '--variant', 'fargate']);
  if (code !== 0) {
    return code;
  }
  const cdk = join(directory!, 'cdk');
  symlinkSync(join(__dirname, '../../node_modules'), join(cdk, 'node_modules'));
  provideLibrary(library);
  const { context } = JSON.parse(readFileSync(join(cdk, 'cdk.json'), 'utf8')) as { context: object };
  const { buildAgents } = await import(pathToFileURL(join(cdk, 'lib/app.ts')).href) as { buildAgents: (app: App) => void };
  const app = new App({ outdir, context: { ...context }, analyticsReporting: false });
  buildAgents(app);
  app.synth();
  const [template] = readdirSync(outdir!).filter((name) => /Fargate.*\.template\.json$/.test(name));
  const { Resources: resources } = JSON.parse(readFileSync(join(outdir!, template!), 'utf8')) as { Resources: { [id: string]: { Type: string; Properties: unknown } } };
  const task = Object.values(resources).find(({ Type }) => Type === 'AWS::ECS::TaskDefinition')!.Properties as { ContainerDefinitions: { Secrets?: { Name: string }[] }[] };
  process.stdout.write(`\nsecrets: ${task.ContainerDefinitions.flatMap(({ Secrets }) => (Secrets ?? []).map(({ Name }) => Name)).sort().join(', ')}\n`);
  return 0;
}

starter(process.argv.slice(2)).then((code) => process.exit(code), (error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
