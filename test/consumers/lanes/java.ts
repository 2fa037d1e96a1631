import { cpSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TargetName } from 'jsii-pacmak';
import { APPS, MANIFEST, lowest, type Bench } from '../lib/bench';
import { pack } from '../lib/packing';

const DOWNLOADS = join(homedir(), '.m2/repository');
const SETTINGS = {
  // A program of seconds, as each of Maven, javac and the app is, pays more for what the virtual machine makes of it than it gets back.
  JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
  // No consumer reads the pages of Javadoc, and jsii-pacmak ignores it where they fail.
  MAVEN_OPTS: '-Dmaven.javadoc.skip=true',
};

/** The jar and the Fargate app in Java. cdk-nag is packed as well: its jar may be behind its npm package on Maven Central. */
export async function javaLane(bench: Bench): Promise<void> {
  const { report } = bench;
  if (!await report.has('Java', ['java', 'mvn'])) return;
  Object.assign(process.env, SETTINGS);
  if (!await report.check('Java: jar', () => pack(bench, TargetName.JAVA, { modules: ['cdk-nag'], downloads: DOWNLOADS }))) return;

  const cwd = bench.place('java');
  cpSync(join(APPS, 'java'), cwd, { recursive: true });
  await report.check('Java: smoke', async () => {
    // Maven would go on with what packing, or the run before, left among the downloads; this version of the library is never published.
    for (const packed of ['cdk-flue/cdk-flue', 'cdklabs/cdknag']) rmSync(join(DOWNLOADS, 'io/github', packed), { recursive: true, force: true });
    const packed = `-Dpacked=file://${join(bench.place('dist'), 'java')}`;
    const versions = [`-Dcdk=${lowest('aws-cdk-lib')}`, `-Dflue=${MANIFEST.version}`];
    return bench.mustEqual('smoke', await bench.synthesize('mvn', ['-q', '-B', packed, ...versions, 'compile', 'exec:java'], cwd));
  });
}
