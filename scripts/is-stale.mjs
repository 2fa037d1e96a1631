// Ends with 0 when the compiled library is missing, or older than what it, or a starter of `cdk-flue init`, is made of.
// In CI one compilation serves every step, whatever the times of the files say.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ASSEMBLY = '.jsii';
const SOURCES = ['src', 'README.md', 'package.json', 'examples/typescript/bin', 'examples/typescript/lib', 'examples/python/flue_agents'];

const files = path => statSync(path).isDirectory()
  ? readdirSync(path, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => join(entry.parentPath ?? entry.path, entry.name))
  : [path];
const newer = () => SOURCES.flatMap(files).some(file => !file.includes('__pycache__') && statSync(file).mtimeMs > statSync(ASSEMBLY).mtimeMs);

process.exitCode = !existsSync(ASSEMBLY) || (!process.env.CI && newer()) ? 0 : 1;
