import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { DockerfileParser, type Copy, type From, type Instruction, type PropertyInstruction } from 'dockerfile-ast';

const run = promisify(execFile);
const STEP_MILLISECONDS = 5 * 60_000;

/** What a stage of a Dockerfile leaves: a directory in the place of its root. */
export interface Stage {
  readonly root: string;
  directory: string;
  readonly environment: { [name: string]: string };
  command: string[];
}

/**
 * Runs the steps of the provided Dockerfile on this machine, each stage in a directory of its own, and returns the last one.
 *
 * It stands in for a container engine where only the steps are in question: the base image is what the machine has.
 */
export async function runSteps(context: string, workplace: string, environment: { readonly [name: string]: string }): Promise<Stage> {
  const named = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const instruction of DockerfileParser.parse(readFileSync(join(context, 'Dockerfile'), 'utf8')).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From;
      stage = await begin(join(workplace, `stage-${named.size}`), named.get(from.getImage() ?? ''));
      named.set(from.getBuildStage() ?? 'last', stage);
    } else if (stage !== undefined) {
      await step(stage, instruction, context, named, environment);
    }
  }
  return stage!;
}

async function begin(root: string, parent: Stage | undefined): Promise<Stage> {
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  if (parent === undefined) {
    return { root, directory: '/', environment: {}, command: [] };
  }
  // links in the place of copies, except for files that a step may change where they are
  await run('cp', ['-al', `${parent.root}/.`, root]);
  await run('sh', ['-c', 'find "$0" -name node_modules -prune -o -type f -links +1 -exec sh -c \'for f; do cp -p "$f" "$f.new" && mv "$f.new" "$f"; done\' _ {} +', root]);
  return { ...parent, root, environment: { ...parent.environment }, command: [...parent.command] };
}

async function step(
  stage: Stage, instruction: Instruction, context: string, named: ReadonlyMap<string, Stage>, environment: { readonly [name: string]: string },
): Promise<void> {
  const text = instruction.getArgumentsContent() ?? '';
  switch (instruction.getKeyword()) {
    case 'WORKDIR':
      stage.directory = posix.resolve(stage.directory, text);
      mkdirSync(stage.root + stage.directory, { recursive: true });
      break;
    case 'ENV':
      (instruction as PropertyInstruction).getProperties().forEach((property) => {
        stage.environment[property.getName()] = property.getValue() ?? '';
      });
      break;
    case 'COPY':
      await copy(stage, instruction as Copy, context, named);
      break;
    case 'RUN':
      await shell(stage, text, environment);
      break;
    case 'CMD':
      stage.command = JSON.parse(text) as string[];
      break;
    default:
  }
}

async function shell(stage: Stage, command: string, environment: { readonly [name: string]: string }): Promise<void> {
  // the paths of the image, below the directory of the stage
  const here = command.replace(/(?<![\w./-])\/app(?=[/\s]|$)/g, `${stage.root}/app`);
  const env = { ...environment, ...stage.environment, PATH: `${stage.root}/usr/local/bin:${environment.PATH}`, npm_config_prefix: `${stage.root}/usr/local` };
  try {
    await run('sh', ['-c', here], { cwd: stage.root + stage.directory, env, timeout: STEP_MILLISECONDS, maxBuffer: 64e6 });
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
    throw new Error(`RUN ${command}\n${`${stdout}${stderr}`.trim().split('\n').slice(-25).join('\n') || message}`);
  }
}

async function copy(stage: Stage, instruction: Copy, context: string, named: ReadonlyMap<string, Stage>): Promise<void> {
  const words = instruction.getOpeningBracket()
    ? instruction.getJSONStrings().map((word) => word.getJSONValue())
    : instruction.getArguments().map((word) => word.getValue());
  const sources = words.slice(0, -1);
  const target = words[words.length - 1];
  const from = instruction.getFromFlag()?.getValue();
  const base = from === undefined || from === null ? `${context}/` : named.get(from)!.root;
  const destination = stage.root + posix.resolve(stage.directory, target);
  for (const source of sources) {
    const file = join(base, source);
    if (!existsSync(file)) {
      throw new Error(`COPY ${words.join(' ')}: ${source} not found`);
    }
    const isDirectory = statSync(file).isDirectory();
    const to = isDirectory ? destination : target.endsWith('/') || sources.length > 1 ? join(destination, basename(source)) : destination;
    mkdirSync(isDirectory ? to : dirname(to), { recursive: true });
    if (isDirectory && from) {
      await run('cp', ['-al', `${file}/.`, to]);
    } else {
      rmSync(isDirectory ? join(to, '.never') : to, { force: true });
      cpSync(file, to, { recursive: true, verbatimSymlinks: true });
    }
  }
}
