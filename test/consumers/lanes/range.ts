import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lowest, type Bench } from '../lib/bench';
import { LOWEST_PEERS, cdkVersions, install, project, projectOn } from '../lib/npm';
import { attempt, type Finished, type RunOptions } from '../lib/shell';
import { NODE_APPS, commonJs } from '../lib/sources';

const EXAMPLE = ['bin/agents.ts'];

/** The newest aws-cdk-lib, and the one below the lowest that package.json declares. The lowest itself is the node lane. */
export async function rangeLane(bench: Bench): Promise<void> {
  const { report } = bench;
  const versions = await cdkVersions(bench);
  const newest = versions[versions.length - 1];
  const below = versions[versions.indexOf(lowest('aws-cdk-lib')) - 1];

  const cwd = bench.place('newest');
  if (await report.check(`CDK newest: install ${newest}`, async () => {
    await install([bench.artefact('js', '.tgz'), 'constructs@^10', 'cdk-nag@^3'], await projectOn(newest, bench, 'newest'));
  })) {
    await bench.copy('examples/agents', join(cwd, 'examples/agents'));
    await bench.copy('examples/typescript', join(cwd, 'examples/typescript'));
    NODE_APPS.forEach(app => writeFileSync(join(cwd, `${app}.cjs`), commonJs(app)));
    const compare = async (app: 'example' | typeof NODE_APPS[number], program: string, args: string[], place: string): Promise<string> => {
      const found = await bench.differs(app, await bench.synthesize(program, args, place));
      // CDK may well write another template; that it writes one, without a finding, is the point.
      return found === '' ? 'equal to the lowest' : `${found.split('\n').filter(line => /^[-+][^-+]/.test(line)).length} lines differ from the lowest`;
    };
    for (const app of NODE_APPS) {
      await report.check(`CDK newest: ${app}`, () => compare(app, 'node', [`${app}.cjs`], cwd));
    }
    await report.check('CDK newest: examples/typescript', () => compare('example', 'node', EXAMPLE, join(cwd, 'examples/typescript')));
  }

  await report.check(`CDK below the lowest: npm refuses ${below}`, async () => {
    const { status, output } = await tryInstall(bench, project(bench, 'refused'), `aws-cdk-lib@${below}`);
    if (status === 0) throw new Error(`npm installed aws-cdk-lib@${below} beside the tarball`);
    if (!output.includes('ERESOLVE')) throw new Error(output);
    return 'ERESOLVE';
  });
  await report.check(`CDK below the lowest: ${below} by force fails`, () => forced(bench, below));
}

/** Installs the tarball and its other peers in their lowest versions. */
function tryInstall(bench: Bench, options: RunOptions, ...more: string[]): Promise<Finished> {
  const others = LOWEST_PEERS.filter(peer => !peer.startsWith('aws-cdk-lib@'));
  return attempt('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', bench.artefact('js', '.tgz'), ...others, ...more], options);
}

async function forced(bench: Bench, below: string): Promise<string> {
  const { cwd } = await projectOn(below, bench, 'forced');
  const { status, output } = await tryInstall(bench, { cwd }, '--legacy-peer-deps');
  if (status !== 0) throw new Error(output);
  await bench.copy('examples/agents', join(cwd, 'examples/agents'));
  await bench.copy('examples/typescript', join(cwd, 'examples/typescript'));
  const { status: synthesis, output: said } = await attempt('node', EXAMPLE, { cwd: join(cwd, 'examples/typescript') });
  if (synthesis === 0) throw new Error(`${below} works: declare it as the lowest`);
  // Any other failure would say nothing about the version.
  const reason = /is missing required property: executionRoleArn/.exec(said)?.[0];
  if (reason === undefined) throw new Error(`${below} fails in another way than known:\n${said}`);
  return `Express ${reason}`;
}
