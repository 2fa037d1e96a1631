import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App } from 'aws-cdk-lib';
import type { Answer, Asked } from './commands';
import * as library from '../../src';
import { main } from '../../src/cli/main';
import { provideLibrary } from '../support/provide-library';
import '../support/only-synthesize.cjs';

/** Writes the starter of an app and synthesizes it on the sources of the library; prints the secrets that its server takes. */
async function starter(directory: string, outdir: string, ...options: readonly string[]): Promise<number> {
  const code = await main(['init', directory, '--variant', 'fargate', ...options]);
  if (code !== 0) {
    return code;
  }
  const cdk = join(directory, 'cdk');
  symlinkSync(join(__dirname, '../../node_modules'), join(cdk, 'node_modules'));
  const { context } = JSON.parse(readFileSync(join(cdk, 'cdk.json'), 'utf8')) as { context: object };
  const { buildAgents } = await import(pathToFileURL(join(cdk, 'lib/app.ts')).href) as { buildAgents: (app: App) => void };
  const app = new App({ outdir, context: { ...context }, analyticsReporting: false });
  buildAgents(app);
  app.synth();
  const [template] = readdirSync(outdir).filter((name) => /Fargate.*\.template\.json$/.test(name));
  const { Resources: resources } = JSON.parse(readFileSync(join(outdir, template!), 'utf8')) as { Resources: { [id: string]: { Type: string; Properties: unknown } } };
  const task = Object.values(resources).find(({ Type }) => Type === 'AWS::ECS::TaskDefinition')!.Properties as { ContainerDefinitions: { Secrets?: { Name: string }[] }[] };
  process.stdout.write(`\nsecrets: ${task.ContainerDefinitions.flatMap(({ Secrets }) => (Secrets ?? []).map(({ Name }) => Name)).sort().join(', ')}\n`);
  return 0;
}

/** Runs one command in a directory, and keeps what it prints. */
async function answer({ directory, words }: Asked): Promise<Answer> {
  const output = { stdout: '', stderr: '' };
  const streams = ['stdout', 'stderr'] as const;
  const writes = streams.map((name) => process[name].write);
  streams.forEach((name) => (process[name].write = (text: string | Uint8Array) => {
    output[name] += String(text);
    return true;
  }));
  const before = process.cwd();
  try {
    process.chdir(directory);
    const [first, ...rest] = words;
    return { code: first === 'starter' ? await starter(rest[0]!, rest[1]!, ...rest.slice(2)) : await main([...words]), ...output };
  } catch (error) {
    return { code: -1, ...output, stderr: `${output.stderr}${(error as Error).stack}` };
  } finally {
    process.chdir(before);
    streams.forEach((name, index) => (process[name].write = writes[index]!));
  }
}

provideLibrary(library);
process.on('message', (asked: Asked) => void answer(asked).then((answered) => process.send!(answered)));
