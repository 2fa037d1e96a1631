import { cpSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { APPS, MANIFEST, lowest, type Bench } from '../lib/bench';

/** A program of seconds pays more for what its compiler makes of it than it gets back. */
const MAVEN_OPTS = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';

/** The jar and the Fargate app in Java. cdk-nag is packed as well: its jar may be behind its npm package on Maven Central. */
export async function javaLane(bench: Bench): Promise<void> {
  const { report } = bench;
  if (!await report.has('Java', ['java', 'mvn'])) return;
  if (!await report.check('Java: jar', () => bench.pack('java', ['cdk-nag']))) return;

  const cwd = bench.place('java');
  cpSync(join(APPS, 'java'), cwd, { recursive: true });
  await report.check('Java: smoke', async () => {
    // Maven would go on with the jar of the run before; this version is never published.
    rmSync(join(homedir(), '.m2/repository/io/github/cdk-flue/cdk-flue', MANIFEST.version), { recursive: true, force: true });
    const packed = `-Dpacked=file://${join(bench.place('dist'), 'java')}`;
    const versions = [`-Dcdk=${lowest('aws-cdk-lib')}`, `-Dflue=${MANIFEST.version}`];
    return bench.mustEqual('smoke', await bench.synthesize('mvn', ['-q', '-B', packed, ...versions, 'compile', 'exec:java'], cwd, { MAVEN_OPTS }));
  });
}
