import * as fs from 'node:fs';
import * as path from 'node:path';
import { CliFailure } from '../failure';

const WAY_OUT = 'Give the directory of a Flue app: cdk-flue init <dir>';

/** Refuses a directory that holds no Flue app. */
export function requireFlueApp(directory: string): void {
  const manifest = path.join(directory, 'package.json');
  if (!fs.existsSync(manifest)) {
    throw new CliFailure(`There is no Flue app in ${directory}: it holds no package.json.`, WAY_OUT);
  }
  const dependencies = Object.keys(readManifest(manifest).dependencies ?? {});
  if (!dependencies.some(name => name.startsWith('@flue/'))) {
    throw new CliFailure(`There is no Flue app in ${directory}: its package.json depends on no @flue package.`, WAY_OUT);
  }
}

function readManifest(file: string): { dependencies?: Record<string, string> } {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as { dependencies?: Record<string, string> };
  } catch (error) {
    throw new CliFailure(`${file} is not JSON: ${(error as Error).message}`, WAY_OUT);
  }
}
