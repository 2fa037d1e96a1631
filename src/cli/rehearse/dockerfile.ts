import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser, type Instruction, type JSONInstruction, type PropertyInstruction } from 'dockerfile-ast';

/** What an image adds to the container definition. */
export interface ImageDefaults {
  readonly environment: { readonly [name: string]: string };
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
}

/** What the last stage of the Dockerfile in a build context sets; nothing where there is none. */
export function imageDefaults(contextDirectory: string | undefined): ImageDefaults {
  const file = contextDirectory && join(contextDirectory, 'Dockerfile');
  if (file === undefined || !existsSync(file)) {
    return { environment: {} };
  }
  const instructions = DockerfileParser.parse(readFileSync(file, 'utf8')).getInstructions();
  const start = instructions.map(instruction => instruction.getKeyword()).lastIndexOf('FROM');
  const stage = instructions.slice(start + 1);
  const last = (keyword: string) => stage.filter(instruction => instruction.getKeyword() === keyword).pop();
  return {
    environment: Object.fromEntries(stage.filter(instruction => instruction.getKeyword() === 'ENV')
      .flatMap(instruction => (instruction as PropertyInstruction).getProperties())
      .map(property => [property.getName(), property.getValue() ?? ''] as const)
      .filter(([, value]) => !value.includes('$'))),
    entryPoint: wordsOf(last('ENTRYPOINT')),
    command: wordsOf(last('CMD')),
    user: last('USER')?.getArguments()[0]?.getValue(),
  };
}

/** The words of an instruction; its shell form is run by a shell, as an engine does. */
function wordsOf(instruction: Instruction | undefined): string[] | undefined {
  if (!instruction) {
    return undefined;
  }
  const json = instruction as JSONInstruction;
  return json.getOpeningBracket()
    ? json.getJSONStrings().map(word => word.getJSONValue())
    : ['/bin/sh', '-c', instruction.getArgumentsContent() ?? ''];
}
