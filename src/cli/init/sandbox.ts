import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SANDBOX_KINDS, type InitOptions } from './options';
import { renderSections } from './sections';
import { readFlueApp } from '../app/flue-app';
import { CliFailure, reasonOf } from '../failure';

const TEMPLATES = join(__dirname, '../../../assets/adapter');
const FILE = 'sandbox.ts';

type Kind = typeof SANDBOX_KINDS[number];

/** What the adapter of each kind is called, and which client of AWS it takes. */
const ADAPTERS: Readonly<Record<Kind, { readonly factory: string; readonly client: string }>> = {
  'fargate': { factory: 'fargateSandbox', client: '@aws-sdk/client-ecs' },
  'code-interpreter': { factory: 'codeInterpreterSandbox', client: '@aws-sdk/client-bedrock-agentcore' },
};

/** The adapter between a major version of Flue and the machines of FlueSandboxes. */
export function renderAdapter(flueMajor: number, kind: Kind = 'fargate'): string {
  const isFirst = flueMajor === 0;
  return renderSections(readFileSync(join(TEMPLATES, `${kind}.ts`), 'utf8'), { first: isFirst ? [{}] : [], second: isFirst ? [] : [{}] });
}

/** Writes the adapter into the sources of an app, and says what is left to do. */
export function writeAdapter(options: InitOptions, kind: Kind): string {
  const app = readFlueApp(options.directory, { image: options.image, wayOut: 'Nothing was written.' });
  // an app whose version no file tells is of the one that is installed today
  const flueMajor = app.flueMajor ?? 2;
  const file = join(app.directory, app.sourceFolder, FILE);
  try {
    writeFileSync(file, renderAdapter(flueMajor, kind), { flag: 'wx' });
  } catch (error) {
    throw new CliFailure(`The adapter was not written, because of ${file}: ${reasonOf(error)}.`, 'Move away what is there, or make the folder writable.');
  }
  const { factory, client } = ADAPTERS[kind];
  const use = flueMajor === 0 ? `sandbox: ${factory}()` : `useSandbox(${factory}())`;
  return [
    `  ${file}`,
    '',
    `Next, for an app on Flue ${flueMajor === 0 ? '0.10' : '2'}:`,
    `  npm install ${client}`,
    `Write \`${use}\` into the agent that runs commands, and call \`endSandbox(id)\` where a conversation is over.`,
    'In the CDK app, call `addSandboxes` on the server with a FlueSandboxes.',
    '',
  ].join('\n');
}
