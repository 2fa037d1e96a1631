import * as path from 'node:path';
import { requireFlueApp } from './flue-app';
import { parseOptions, type InitOptions } from './options';
import { readStarter, writeStarter } from './starter';

export { INIT_USAGE } from './options';

/** Where the CDK app goes in the directory of the Flue app; the starters leave it out of the image. */
const STARTER_DIRECTORY = 'cdk';

const NEXT: Record<InitOptions['language'], string[]> = {
  typescript: ['npm install', 'npx cdk synth --quiet'],
  python: ['python3 -m venv .venv && . .venv/bin/activate', 'pip install -r requirements.txt', 'npx aws-cdk@2.1148.1 synth --quiet'],
};

/** Writes a CDK app beside the sources of a Flue app. */
export async function init(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  requireFlueApp(options.directory);
  const starter = readStarter(options);
  const target = path.join(options.directory, STARTER_DIRECTORY);
  writeStarter(starter, target);
  const files = [...starter.keys()].sort().map(file => `  ${path.join(target, file)}\n`).join('');
  const next = [`cd ${target}`, ...NEXT[options.language]].map(command => `  ${command}\n`).join('');
  process.stdout.write(`${files}\nNext:\n${next}\nThe server needs the values of the secrets that the stacks create, and a health route at /health.\n`);
  return 0;
}
