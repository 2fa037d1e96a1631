import { existsSync } from 'node:fs';
import { DockerfileParser, type From, type Instruction, type PropertyInstruction } from 'dockerfile-ast';
import { readFile } from '../files';
import type { ImageSource } from './assembly/assembly';

/** What an image adds to the container definition. */
export interface ImageDefaults {
  readonly environment: { readonly [name: string]: string };
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
}

/** What the Dockerfile of an image sets for its last stage, or the target, and those it is made from; nothing where there is none. */
export function imageDefaults(source: ImageSource | undefined): ImageDefaults {
  if (source === undefined || !existsSync(source.dockerfile)) {
    return { environment: {} };
  }
  const content = readFile(source.dockerfile, { problem: reason => `The Dockerfile of the image cannot be read: ${source.dockerfile} (${reason}).`, wayOut: 'Run `npx cdk synth` again.' });
  const { base, instructions } = stageOf(DockerfileParser.parse(content).getInstructions(), source.target);
  const last = (keyword: string) => instructions.filter(instruction => instruction.getKeyword() === keyword).pop();
  return {
    environment: Object.fromEntries(instructions.filter(instruction => instruction.getKeyword() === 'ENV')
      .flatMap(instruction => (instruction as PropertyInstruction).getProperties())
      .map(property => [property.getName(), property.getValue() ?? ''] as const)
      .filter(([, value]) => !value.includes('$'))),
    entryPoint: wordsOf(last('ENTRYPOINT')),
    command: wordsOf(last('CMD')),
    user: last('USER')?.getArguments()[0]?.getValue() ?? (base.includes('nonroot') ? 'nonroot' : 'root'),
  };
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
