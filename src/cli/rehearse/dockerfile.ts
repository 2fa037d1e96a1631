import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { DockerfileParser, type From, type Instruction, type PropertyInstruction } from 'dockerfile-ast';
import { endsOf } from '../../image/app/files';
import type { ImageSource } from '../assembly/assembly';
import { readFile } from '../files';

/** What an image adds to the container definition. */
export interface ImageDefaults {
  readonly environment: { readonly [name: string]: string };
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  /** Absolute path in the image. */
  readonly workdir?: string;
  /** What builds the app in the Dockerfile that the library provides, in the directory of the app. */
  readonly build?: string;
}

/** What the Dockerfile of an image sets for its last stage, or the target, and those it is made from; nothing where there is none. */
export function imageDefaults(source: ImageSource | undefined): ImageDefaults {
  if (source === undefined || !existsSync(source.dockerfile)) {
    return { environment: {} };
  }
  const content = readFile(source.dockerfile, { problem: reason => `The Dockerfile of the image cannot be read: ${source.dockerfile} (${reason}).`, wayOut: 'Run `npx cdk synth` again.' });
  const all = DockerfileParser.parse(content).getInstructions();
  const { base, instructions } = stageOf(all, source.target);
  const last = (keyword: string) => instructions.filter(instruction => instruction.getKeyword() === keyword).pop();
  return {
    environment: Object.fromEntries(instructions.filter(instruction => instruction.getKeyword() === 'ENV')
      .flatMap(instruction => (instruction as PropertyInstruction).getProperties())
      .map(property => [property.getName(), property.getValue() ?? ''] as const)
      .filter(([, value]) => !value.includes('$'))),
    entryPoint: wordsOf(last('ENTRYPOINT')),
    command: wordsOf(last('CMD')),
    user: last('USER')?.getArguments()[0]?.getValue() ?? (base.includes('nonroot') ? 'nonroot' : 'root'),
    workdir: instructions.filter(instruction => instruction.getKeyword() === 'WORKDIR')
      .reduce<string | undefined>((directory, instruction) => posix.resolve(directory ?? '/', instruction.getArgumentsContent() ?? ''), undefined),
    build: buildIn(all),
  };
}

/** Where the app lies in the context of its image: where the end of the image's working directory leads to a package.json. */
export function appInContext({ directory }: ImageSource, { workdir = '/' }: ImageDefaults): string {
  const folder = endsOf(workdir).find(end => existsSync(join(directory, end, 'package.json')));
  return join(directory, folder ?? '');
}

/** The command of the step that builds, without the secrets that it is given; nothing where the Dockerfile is another. */
function buildIn(instructions: readonly Instruction[]): string | undefined {
  const names = instructions.filter(instruction => instruction.getKeyword() === 'FROM').map(instruction => (instruction as From).getBuildStage());
  if (names.slice(0, 3).join() !== 'dependencies,build,production') {
    return undefined;
  }
  const run = stageOf(instructions, 'build').instructions.filter(instruction => instruction.getKeyword() === 'RUN').pop();
  return run?.getArgumentsContent()?.replace(/^export .*? && \{ (.*); \}$/, '$1');
}

/** The instructions of a stage, after those of the earlier stages that it is made from. */
function stageOf(instructions: readonly Instruction[], target: string | undefined): { base: string; instructions: Instruction[] } {
  const stages: { name?: string; base: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructions) {
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From;
      const parent = stages.find(({ name }) => name !== undefined && name === from.getImage());
      stages.push({ name: from.getBuildStage() ?? undefined, base: parent?.base ?? from.getImage() ?? '', instructions: [...parent?.instructions ?? []] });
    } else {
      stages[stages.length - 1]?.instructions.push(instruction);
    }
  }
  return stages.find(({ name }) => target !== undefined && name === target) ?? stages[stages.length - 1] ?? { base: '', instructions: [] };
}

/** The words of an instruction; its shell form is run by a shell, as an engine does. */
function wordsOf(instruction: Instruction | undefined): string[] | undefined {
  if (!instruction) {
    return undefined;
  }
  const content = instruction.getArgumentsContent() ?? '';
  try {
    // not getJSONStrings(): its values have lost their white space
    const words: unknown = JSON.parse(content);
    return Array.isArray(words) ? words.map(String) : ['/bin/sh', '-c', content];
  } catch {
    return ['/bin/sh', '-c', content];
  }
}
