import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { parseOptions, type InitOptions } from './options';
import { writeAdapter } from './sandbox';
import { readStarter, requireFree, writeStarter, type Starter } from './starter';
import { readWorkflows, writeWorkflows, type Workflows } from './workflow';
import { readFlueApp } from '../app/flue-app';
import { variablesOf, type Variable } from '../app/variables';

export { INIT_USAGE } from './options';

/** Where the CDK app goes in the directory of the Flue app; the starters leave it out of the image. */
const STARTER_DIRECTORY = 'cdk';

const NEXT: Record<InitOptions['language'], string[]> = {
  typescript: ['npm install', 'npx cdk synth --quiet'],
  python: ['python3 -m venv .venv && . .venv/bin/activate', 'pip install -r requirements.txt', 'npx aws-cdk@2.1148.1 synth --quiet'],
};

/** Writes a CDK app beside the sources of a Flue app, or into them the file that gives an agent its sandbox. */
export async function init(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options.sandbox) {
    process.stdout.write(writeAdapter(options, options.sandbox));
    return 0;
  }
  const target = join(options.directory, STARTER_DIRECTORY);
  requireFree(target);
  const app = readFlueApp(options.directory, {
    image: options.image,
    exclude: [STARTER_DIRECTORY],
    cpuArchitecture: options.variant === 'ec2' ? CpuArchitecture.ARM64 : undefined,
    wayOut: 'Nothing was written, because `cdk synth` would refuse the app for the same reason.',
  });
  const variables = variablesOf(app);
  const workflows = options.ci ? readWorkflows(options, app, target) : undefined;
  const starter = readStarter(options, { variables, sourcesAtRoot: app.sourceFolder === '', ci: workflows });
  writeBoth(starter, target, workflows);
  const files = [...[...starter.keys()].sort().map(file => join(target, file)), ...workflows?.files.keys() ?? []].map(file => `  ${file}\n`).join('');
  const next = [`cd ${relative('.', target) || '.'}`, ...NEXT[options.language]].map(command => `  ${command}\n`).join('');
  process.stdout.write(`${files}\nNext:\n${next}\n${needs(variables)}${workflows ? deploys(options) : ''}`);
  return 0;
}

/** Writes the CDK app and the workflows, or nothing at all. */
function writeBoth(starter: Starter, target: string, workflows: Workflows | undefined): void {
  const wasThere = existsSync(target);
  writeStarter(starter, target);
  try {
    if (workflows) {
      writeWorkflows(workflows);
    }
  } catch (error) {
    rmSync(target, { recursive: true });
    if (wasThere) {
      mkdirSync(target);
    }
    throw error;
  }
}

/** What makes the workflows able to deploy. */
function deploys({ language, previews }: InitOptions): string {
  const { cdk, entry, lock } = DEPLOYS[language];
  return [
    ...previews ? [`Previews have a bootstrap of their own: ${cdk} bootstrap --qualifier preview --toolkit-stack-name CDKToolkit-preview`] : [],
    `Before the first run of the workflow${lock}, deploy its roles by hand: ${cdk} deploy --app '${entry}'`,
    `Set the variables DEPLOY_ROLE${previews ? ', PREVIEW_ROLE, PREVIEW_BASE_ROLE' : ''} and COMPARE_ROLE of the repository to what that prints, and AWS_REGION to the region. Make the environment \`production\`.`,
    ...previews ? ['The next push to the branch deploys what the previews share. Set its secrets before the first preview.'] : [],
  ].map(sentence => `${sentence}\n`).join('');
}

const DEPLOYS: Record<InitOptions['language'], { readonly cdk: string; readonly entry: string; readonly lock: string }> = {
  typescript: { cdk: 'npx cdk', entry: 'node bin/ci.ts', lock: ', commit cdk/package-lock.json, and' },
  python: { cdk: 'npx aws-cdk@2.1148.1', entry: 'python ci.py', lock: '' },
};

/** What the user has to bring. */
function needs(variables: readonly Variable[]): string {
  const names = (list: readonly Variable[]): string => list.map(({ name }) => name).join(', ');
  const secrets = variables.filter(({ isSecret }) => isSecret);
  const open = variables.filter(({ isSecret, value }) => !isSecret && value === undefined);
  return [
    ...secrets.length > 0 ? [`The stacks create these secrets, and you set their values after the deployment: ${names(secrets)}.`] : [],
    ...open.length > 0 ? [`The app also reads these variables, and you set the ones that it needs in \`environment\`: ${names(open)}.`] : [],
    'Define a route /health in the app. The health check calls it.',
    'To try your routes before a deployment, have `npx cdk-flue rehearse --write-probes` write the requests.',
  ].map(sentence => `${sentence}\n`).join('');
}
