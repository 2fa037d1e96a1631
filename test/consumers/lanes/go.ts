import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TargetName } from 'jsii-pacmak';
import { APPS, lowest, type Bench } from '../lib/bench';
import { pack } from '../lib/packing';
import { ROOT, run } from '../lib/shell';

/**
 * Without optimization, and without what a debugger would read, Go needs a quarter less of the processor for aws-cdk-go. Without `-trimpath` it compiles that anew
 * each time: below it are packages in a directory that no run before had.
 */
const BUILD = ['build', '-trimpath', '-gcflags=all=-N -l -dwarf=false', '-ldflags=-s -w'];

/** The jsii modules that the module in Go is packed with. */
function goModules(): string[] {
  const below = readdirSync(join(ROOT, 'node_modules/@aws-cdk')).filter(name => existsSync(join(ROOT, 'node_modules/@aws-cdk', name, '.jsii')));
  return [...below.map(name => `@aws-cdk/${name}`), 'cdk-nag'];
}

/**
 * The module and the Fargate app in Go. The jsii modules below aws-cdk-lib are packed as well and replace the published
 * ones: the versions that npm resolved need not be in a Go module proxy. The app compiles what it uses of them, and all of the library.
 */
export async function goLane(bench: Bench): Promise<void> {
  const { report } = bench;
  if (!await report.has('Go', ['go'])) return;
  const cwd = bench.place('go');
  if (!await report.check('Go: module', async () => {
    await pack(bench, TargetName.GO, { modules: goModules(), codeOnly: true });
    cpSync(join(APPS, 'go'), cwd, { recursive: true });
    writeFileSync(join(cwd, 'go.mod'), moduleOn(join(bench.place('dist'), 'go')));
    await run('go', ['mod', 'tidy'], { cwd });
  })) return;
  await report.check('Go: smoke', async () => {
    await run('go', [...BUILD, '-o', 'smoke', '.'], { cwd });
    await run('go', [...BUILD, 'github.com/cdk-flue/cdk-flue/cdkflue/...'], { cwd });
    return bench.mustEqual('smoke', await bench.synthesize(join(cwd, 'smoke'), [], cwd));
  });
}

/** The module of the app, with those of that directory in place of the published ones. */
function moduleOn(packed: string): string {
  const replaced = readdirSync(packed).map(name => {
    const [, module] = /^module (\S+)/m.exec(readFileSync(join(packed, name, 'go.mod'), 'utf8'))!;
    return `replace ${module} => ${join(packed, name)}`;
  });
  return ['module example/smoke', 'go 1.25', `require github.com/aws/aws-cdk-go/awscdk/v2 v${lowest('aws-cdk-lib')}`, ...replaced, ''].join('\n');
}
