import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InitOptions } from './options';
import { renderSections } from './sections';
import { readFlueApp } from '../app/flue-app';
import { CliFailure, reasonOf } from '../failure';

const TEMPLATE = join(__dirname, '../../../assets/adapter/sandbox.ts');
const FILE = 'sandbox.ts';

/** The adapter between a major version of Flue and the tasks of FlueSandboxes. */
export function renderAdapter(flueMajor: number): string {
  const isFirst = flueMajor === 0;
  return renderSections(readFileSync(TEMPLATE, 'utf8'), { first: isFirst ? [{}] : [], second: isFirst ? [] : [{}] });
}

/** Writes the adapter into the sources of an app, and says what is left to do. */
export function writeAdapter(options: InitOptions): string {
  const app = readFlueApp(options.directory, { image: options.image, wayOut: 'Nothing was written.' });
  // an app whose version no file tells is of the one that is installed today
  const flueMajor = app.flueMajor ?? 2;
  const file = join(app.directory, app.sourceFolder, FILE);
  try {
    writeFileSync(file, renderAdapter(flueMajor), { flag: 'wx' });
  } catch (error) {
    throw new CliFailure(`The adapter was not written, because of ${file}: ${reasonOf(error)}.`, 'Move away what is there, or make the folder writable.');
  }
  const use = flueMajor === 0 ? 'sandbox: fargateSandbox()' : 'useSandbox(fargateSandbox())';
  return [
    `  ${file}`,
    '',
    `Next, for an app on Flue ${flueMajor === 0 ? '0.10' : '2'}:`,
    '  npm install @aws-sdk/client-ecs',
    `Write \`${use}\` into the agent that runs commands, and call \`endSandbox(id)\` where a conversation is over.`,
    'In the CDK app, call `addSandboxes` on the server with a FlueSandboxes.',
    '',
  ].join('\n');
}
