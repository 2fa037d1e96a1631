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
  /** Its copies so far, to be made again: the manifests of layouts may differ in what no install reads. */
  readonly copies: ((stage: Stage) => Promise<void>)[];
  /** What it begins with, until a step needs it. */
  parent?: Parent;
}

/** A stage, or what a step left. */
type Origin = Pick<Stage, 'root'> & Partial<Pick<Stage, 'parent' | 'copies'>>;

interface Parent {
  readonly origin: Origin;
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
      stage = begin(join(workplace, `stage-${stages.size}`), parent, base !== 'build' && isDone(base));
      stages.set(from.getBuildStage() ?? 'last', stage);
      continue;
    }
    if (stage === undefined) {
      continue;
    }
    const current: Stage = stage;
    const keyword = instruction.getKeyword();
    const perform = (target: Stage): Promise<void> => step(target, instruction, context, stages, environment);
    current.inputs = current.inputs === undefined || /^COPY (--from=|\. )/.test(instruction.getTextContent()) ? undefined
      : [...current.inputs, instruction.getTextContent(), ...copiedFiles(instruction, context).map(installedFrom)];
    const isFirst = stages.size === 1;
    // before a file of the app is there, it is the package manager alone
    const isKept = keyword === 'RUN' && current.inputs !== undefined && (isShared || isFirst && current.copies.length === 0);
    let runFor = name;
    if (isKept) {
      const layer = await layers.of(JSON.stringify(current.inputs), name, current.root, async () => {
        await materialize(current);
        await perform(current);
      });
      current.parent = { origin: layer, isLast: false };
      runFor = layer.name;
    } else if (keyword === 'COPY' && current.inputs !== undefined) {
      const { directory } = current;
      current.copies.push((target) => perform({ ...target, directory }));
      await (current.parent === undefined ? perform(current) : undefined);
    } else {
      await (['COPY', 'RUN', 'WORKDIR'].includes(keyword) ? materialize(current) : undefined);
      await perform(current);
    }
    // the last step of the first stage installs
    if (keyword === 'RUN' && isFirst) {
      shared = runFor === name ? undefined : runFor;
    }
  }
  return { stages, shared };
}

function begin(root: string, parent: Stage | undefined, isLast: boolean): Stage {
  if (parent === undefined) {
    mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
    return { root, directory: '/', environment: {}, command: [], inputs: [], copies: [] };
  }
  return { ...parent, root, environment: { ...parent.environment }, command: [...parent.command], copies: [], parent: { origin: parent, isLast } };
}

/** Puts what a stage begins with where its steps find it: as links, or as it is where nothing else needs it. */
async function materialize(stage: Stage): Promise<void> {
  const { parent, root } = stage;
  if (parent === undefined) {
    return;
  }
  stage.parent = undefined;
  if (parent.isLast && parent.origin.parent === undefined) {
    renameSync(parent.origin.root, root);
  } else {
    await link(rootOf(parent.origin), root);
  }
  for (const again of [...pendingCopies(parent.origin), ...stage.copies]) {
    await again(stage);
  }
}

/** Where all that a stage holds is, but its pending copies. */
function rootOf({ root, parent }: Origin): string {
  return parent === undefined ? root : rootOf(parent.origin);
}

function pendingCopies({ parent, copies = [] }: Origin): Stage['copies'] {
  return parent === undefined ? [] : [...pendingCopies(parent.origin), ...copies];
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
  const origin = from === undefined || from === null ? undefined : named.get(from)!;
  await (origin !== undefined && pendingCopies(origin).length > 0 ? materialize(origin) : undefined);
  const base = origin === undefined ? `${context}/` : rootOf(origin);
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
      // it is there for these copies alone, unless it is a layer
      await (origin?.parent === undefined ? renameSync(file, to) : link(file, to));
    } else if (isDirectory && from) {
      mkdirSync(to, { recursive: true });
      await run('cp', ['-al', `${file}/.`, to]);
    } else {
      rmSync(isDirectory ? join(to, '.never') : to, { force: true });
      cpSync(file, to, { recursive: true, verbatimSymlinks: true });
    }
  }
}
