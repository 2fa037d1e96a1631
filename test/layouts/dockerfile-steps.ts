import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { DockerfileParser, type Copy, type From, type Instruction, type PropertyInstruction } from 'dockerfile-ast';
import { installedFrom, link, type Layers } from './layers';

const run = promisify(execFile);
const STEP_MILLISECONDS = 5 * 60_000;

/** What a stage of a Dockerfile leaves: a directory in the place of its root. */
export interface Stage {
  readonly root: string;
  directory: string;
  readonly environment: { [name: string]: string };
  command: string[];
  /** Everything that decides what its steps leave; undefined where that is all of an app. */
  inputs?: readonly string[];
  /** Its copies so far, to be made again. */
  readonly copies: (() => Promise<void>)[];
  /** Where it begins, until its first step. */
  parent?: Parent;
}

/** The stage that another is made from. */
interface Parent {
  readonly stage: Stage;
  /** Whether nothing else needs what it holds. */
  readonly isLast: boolean;
}

/** What the steps run with. */
export interface Surroundings {
  readonly workplace: string;
  readonly environment: { readonly [name: string]: string };
  readonly layers: Layers;
  /** The layout that they run for. */
  readonly name: string;
  /** Whether another layout has the same lockfile, and may need what its steps leave. */
  readonly isShared: boolean;
}

/** What the steps left. */
export interface Built {
  /** By name; the one that runs is `last`. */
  readonly stages: ReadonlyMap<string, Stage>;
  /** The layout whose installed packages these are. */
  readonly shared?: string;
}

/**
 * Runs the steps of the provided Dockerfile on this machine, each stage in a directory of its own.
 *
 * It stands in for a container engine where only the steps are in question: the base image is what the machine has. What is installed from the
 * same manifests and the same lockfile is installed once; every build runs.
 */
export async function runSteps(context: string, { workplace, environment, layers, name, isShared }: Surroundings): Promise<Built> {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  let shared: string | undefined;
  const instructions = DockerfileParser.parse(readFileSync(join(context, 'Dockerfile'), 'utf8')).getInstructions();
  for (const [index, instruction] of instructions.entries()) {
    /** Whether no later instruction needs a stage; the last one and its sources are looked at afterwards. */
    const isDone = (wanted: string): boolean => !instructions.slice(index + 1).some((later) => (later.getKeyword() === 'FROM' ? (later as From).getImage() === wanted
      : later.getKeyword() === 'COPY' && (later as Copy).getFromFlag()?.getValue() === wanted));
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From;
      const base = from.getImage() ?? '';
      const parent = stages.get(base);
      stage = begin(join(workplace, `stage-${stages.size}`), parent && { stage: parent, isLast: base !== 'build' && isDone(base) });
      stages.set(from.getBuildStage() ?? 'last', stage);
      continue;
    }
    if (stage === undefined) {
      continue;
    }
    const current: Stage = stage;
    const perform = async (): Promise<void> => {
      await materialize(current);
      await step(current, instruction, context, stages, environment);
    };
    current.inputs = current.inputs === undefined || /^COPY (--from=|\. )/.test(instruction.getTextContent()) ? undefined
      : [...current.inputs, instruction.getTextContent(), ...copiedFiles(instruction, context).map(installedFrom)];
    if (instruction.getKeyword() === 'COPY' && current.inputs !== undefined) {
      current.copies.push(perform);
    }
    if (isShared && instruction.getKeyword() === 'RUN' && current.inputs !== undefined) {
      const other = await layers.of(JSON.stringify(current.inputs), name, current.root, perform);
      current.parent = undefined;
      // its manifests may differ in what no install reads
      await (other === undefined ? undefined : current.copies.reduce((before, again) => before.then(again), Promise.resolve()));
      // the last step of the first stage installs
      shared = stages.size === 1 ? other : shared;
    } else {
      await perform();
    }
  }
  return { stages, shared };
}

function begin(root: string, parent: Parent | undefined): Stage {
  if (parent === undefined) {
    mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
    return { root, directory: '/', environment: {}, command: [], inputs: [], copies: [] };
  }
  const { stage } = parent;
  return { ...stage, root, environment: { ...stage.environment }, command: [...stage.command], copies: [], parent };
}

/** Puts what a stage begins with where its steps find it: as links, or as it is where nothing else needs it. */
async function materialize(stage: Stage): Promise<void> {
  const { parent, root } = stage;
  if (parent === undefined) {
    return;
  }
  stage.parent = undefined;
  await materialize(parent.stage);
  if (parent.isLast) {
    renameSync(parent.stage.root, root);
  } else {
    await link(parent.stage.root, root);
  }
}

/** The files that a COPY of the context names, those of folders included. */
function copiedFiles(instruction: Instruction, context: string): string[] {
  if (instruction.getKeyword() !== 'COPY') {
    return [];
  }
  const below = (directory: string): string[] => readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name)).sort();
  return wordsOf(instruction as Copy).slice(0, -1).map((source) => join(context, source))
    .flatMap((file) => (statSync(file).isDirectory() ? below(file) : [file]));
}

function wordsOf(instruction: Copy): string[] {
  return instruction.getOpeningBracket()
    ? instruction.getJSONStrings().map((word) => word.getJSONValue()) : instruction.getArguments().map((word) => word.getValue());
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
  const words = wordsOf(instruction);
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
    mkdirSync(dirname(to), { recursive: true });
    if (isDirectory && from === 'production' && !existsSync(to)) {
      // it is there for these copies alone
      renameSync(file, to);
    } else if (isDirectory && from) {
      mkdirSync(to, { recursive: true });
      await run('cp', ['-al', `${file}/.`, to]);
    } else {
      rmSync(isDirectory ? join(to, '.never') : to, { force: true });
      cpSync(file, to, { recursive: true, verbatimSymlinks: true });
    }
  }
}
