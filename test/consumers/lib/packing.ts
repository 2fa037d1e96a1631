import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { TargetName, pacmak } from 'jsii-pacmak';
import { MANIFEST, type Bench } from './bench';
import { ROOT, run, tool } from './shell';

const STAGE = join(ROOT, '.package');
const RELEASED = join(ROOT, 'dist/js');

/** How the library is packed for a language. */
export interface Packing {
  /** The modules that it depends on and that are packed beside it. */
  readonly modules?: string[];
  /** The code alone, which something else builds. */
  readonly codeOnly?: boolean;
  /** Where Maven keeps what it downloads. */
  readonly downloads?: string;
}

interface Assemblies {
  loadAssemblyFromFile(file: string, ...options: unknown[]): object;
}

// To read the assembly of aws-cdk-lib takes longer than to write the code of any language: each is read once for all of them.
const assemblies = createRequire(require.resolve('jsii-reflect/package.json'))('@jsii/spec/lib/assembly-utils') as Assemblies;
const read = assemblies.loadAssemblyFromFile;
const known = new Map<string, object>();
assemblies.loadAssemblyFromFile = (file, ...options) => {
  const key = JSON.stringify([file, options]);
  if (!known.has(key)) known.set(key, read(file, ...options));
  return known.get(key)!;
};

/** The tarball, by the command that packs it for a release. */
export async function packTarball(bench: Bench): Promise<void> {
  rmSync(RELEASED, { recursive: true, force: true });
  await run(tool('projen'), ['package:js'], { cwd: ROOT });
  cpSync(RELEASED, bench.place('dist/js'), { recursive: true });
}

/** Packs the library for a language, with that tarball within, as `jsii-pacmak` does. */
export async function pack(bench: Bench, language: TargetName, { modules = [], codeOnly = false, downloads }: Packing): Promise<void> {
  const ours = `grep -q '"name": "${MANIFEST.name}"' package.json`;
  // npm takes a second to see that it would pack all that it has unpacked.
  const others = "tar --create --use-compress-program='gzip -1' --transform='s,^,package/,' --file=packed.tgz * .jsii*";
  await pacmak({
    argv: {
      'pack-command': `if ${ours}; then cp '${bench.artefact('js', '.tgz')}' packed.tgz; else ${others}; fi && echo packed.tgz`,
      'maven-local-repository': downloads,
    },
    codeOnly,
    inputDirectories: [...modules.map(name => join(ROOT, 'node_modules', name)), STAGE],
    outputDirectory: bench.place('dist'),
    targets: [language],
  });
}
