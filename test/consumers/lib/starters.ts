import { cpSync, existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PREVIEWS, type Bench } from './bench';
import { ROOT, attempt, run } from './shell';

type Language = 'typescript' | 'python';

interface Command {
  readonly command: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** How one language installs a starter, and which command synthesizes it. */
export interface Toolchain {
  readonly language: Language;
  /** The command `cdk-flue` as the package installs it. */
  readonly command: string;
  /** What the command comes down to, where that alone takes long; it writes all variants but the first. */
  readonly carried?: Command;
  /** The program that runs an entry file, and its arguments before that. */
  readonly program: [string, ...string[]];
  readonly entry: string;
  /** What checks the types of a starter, where nothing else does. */
  readonly types?: [string, ...string[]];
  /** The variants of which a broken starter is synthesized as well; the others only have to name FlueChecks in the same place. */
  readonly judged: string[];
  /** Makes the starter ready; `first` is one that was made ready before. */
  prepare(starter: string, first?: string): Promise<void>;
}

const BREAK: Record<Language, (entry: string) => string> = {
  typescript: entry => `import { App, CfnResource } from 'aws-cdk-lib';
import { buildAgents } from '../lib/app.ts';

// ${entry}, with what a task and a box need taken out.
const app = new App();
buildAgents(app);
for (const node of app.node.findAll()) {
  if (CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::ECS::TaskDefinition') {
    node.addPropertyOverride('ContainerDefinitions.0.LinuxParameters.InitProcessEnabled', false);
  }
  if (CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::EC2::LaunchTemplate') {
    node.addPropertyOverride('LaunchTemplateData.MetadataOptions.HttpTokens', 'optional');
  }
}
app.synth();
`,
  python: entry => `from aws_cdk import App
from aws_cdk.aws_ec2 import CfnLaunchTemplate
from aws_cdk.aws_ecs import CfnTaskDefinition
from flue_agents.agents import build_agents

# ${entry}, with what a task and a box need taken out.
app = App()
build_agents(app)
for node in app.node.find_all():
    if isinstance(node, CfnTaskDefinition):
        node.add_property_override("ContainerDefinitions.0.LinuxParameters.InitProcessEnabled", False)
    if isinstance(node, CfnLaunchTemplate):
        node.add_property_override("LaunchTemplateData.MetadataOptions.HttpTokens", "optional")
app.synth()
`,
};

/** What `cdk-flue init` writes, for each variant there is: it synthesizes, FlueChecks judge it, and it is never overwritten. */
export async function checkStarters(bench: Bench, name: string, toolchain: Toolchain): Promise<void> {
  const { language, entry, program, types, judged } = toolchain;
  const variants = readdirSync(join(ROOT, 'assets/init', language)).filter(variant => !['common', 'ci'].includes(variant));
  const unknown = judged.filter(variant => !variants.includes(variant));
  if (unknown.length > 0) throw new Error(`No such variant in ${language}: ${unknown.join(', ')}`);
  let first: string | undefined;
  for (const variant of variants) {
    await bench.report.check(`${name}: init --variant ${variant}`, async () => {
      const { command, env }: Command = first === undefined ? toolchain : toolchain.carried ?? toolchain;
      const app = bench.place(`init-${language}-${variant}`);
      await bench.copy('examples/agents', app);
      const args = ['init', '.', '--language', language, '--variant', variant];
      const withCi = variant === judged[0];
      if (withCi) await run('git', ['init', '--quiet'], { cwd: app });
      await run(command, withCi ? [...args, '--ci', 'github', '--repository', 'acme/agents'] : args, { cwd: app, env });
      const starter = join(app, 'cdk');
      await toolchain.prepare(starter, first);
      first ??= starter;
      const templates = await bench.synthesize(program[0], [...program.slice(1), entry], starter);
      for (const preview of PREVIEWS) await bench.synthesize(program[0], [...program.slice(1), entry], starter, {}, { preview });
      if (withCi) await bench.synthesize(program[0], [...program.slice(1), entry.replace('agents', 'ci').replace('app', 'ci')], starter);
      if (types) await run(types[0], types.slice(1), { cwd: starter });
      mustNameTheChecks(toolchain, starter);
      if (judged.includes(variant)) await mustBeJudged(bench, toolchain, starter);
      await mustRefuse({ command, env }, args, app);
      return `${templates.size} templates, ${judged.includes(variant) ? 'judged by' : 'names'} FlueChecks, refuses to overwrite`;
    });
  }
}

function mustNameTheChecks({ language }: Toolchain, starter: string): void {
  const file = { typescript: 'lib/app.ts', python: 'flue_agents/agents.py' }[language];
  const registered = /^ *Validations\.of\(app\)\.(addPlugins|add_plugins)\((new )?FlueChecks\(app\)\);?$/m;
  if (!registered.test(readFileSync(join(starter, file), 'utf8'))) throw new Error(`${file} of the starter does not register FlueChecks`);
}

async function mustBeJudged(bench: Bench, { language, program, entry }: Toolchain, starter: string): Promise<void> {
  const broken = entry.replace(/\w+\.(ts|py)$/, 'broken.$1');
  writeFileSync(join(starter, broken), BREAK[language](entry));
  const verdict = await bench.synthesize(program[0], [...program.slice(1), broken], starter).then(() => '', (error: Error) => error.message);
  if (!/Flue-(InitProcess|BoxHardening)/.test(verdict)) throw new Error(`FlueChecks found nothing in a broken starter:\n${verdict}`);
}

async function mustRefuse({ command, env }: Command, args: string[], app: string): Promise<void> {
  const edited = join(app, 'cdk/cdk.json');
  const written = readFileSync(edited);
  writeFileSync(edited, '{}');
  const { status, output } = await attempt(command, args, { cwd: app, env });
  if (status !== 2 || !output.includes('already holds')) throw new Error(`A second init ended with ${status}:\n${output}`);
  if (readFileSync(edited, 'utf8') !== '{}') throw new Error('A second init wrote over a file');
  writeFileSync(edited, written);
}

/** Gives a starter the packages that another one has installed. */
export function share(modules: string, starter: string, first: string): void {
  cpSync(join(first, 'package.json'), join(starter, 'package.json'));
  if (!existsSync(join(starter, modules))) symlinkSync(join(first, modules), join(starter, modules));
}
