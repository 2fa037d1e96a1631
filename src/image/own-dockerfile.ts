import * as path from 'node:path';
import type { IConstruct } from 'constructs';
import { DockerfileParser, type Copy, type From, type Instruction, type PropertyInstruction } from 'dockerfile-ast';
import { isNeverStaged } from './build-context';
import { refuse } from '../invariants/invariant';
import { requireWithin } from '../invariants/limits/guard';
import { DEFAULT_PORT, IMAGE_LIMITS } from '../invariants/limits/image';
import { requireSamePort } from '../invariants/port-agreement';
import { secretIn } from '../invariants/secret-shapes';
import { requireNoBakedSecrets } from '../invariants/secrets-only';

interface Stage {
  readonly name?: string;
  readonly image: string;
  readonly instructions: Instruction[];
}

/** A Dockerfile that the app brings. */
export class OwnDockerfile {
  private readonly instructions: readonly Instruction[];
  private readonly stages: readonly Stage[];
  /** Instructions that shape the image that runs: those of its stage, after those of the stages it is made from. */
  private readonly final: readonly Instruction[];
  private readonly base: string;

  /** Parses the file, and refuses one without the stage that is asked for. */
  public constructor(private readonly scope: IConstruct, private readonly file: string, content: string, target?: string) {
    this.instructions = DockerfileParser.parse(content).getInstructions();
    this.stages = stagesOf(this.instructions);
    if (this.stages.length === 0) {
      refuse(scope, `\`dockerfile\` must be a Dockerfile with a FROM instruction, got: ${file}`, 'Name another in `FlueDockerfile.own(…)`, or take `FlueDockerfile.provided()`');
    }
    const last = target === undefined ? this.stages.length - 1 : this.indexOf(target, this.stages.length);
    if (last < 0) {
      refuse(scope, `\`target\` must be a stage of ${file}, got: ${target}`,
        `Its named stages are: ${this.stages.flatMap((stage) => stage.name ?? []).join(', ') || 'none'}`);
    }
    const lineage = this.lineageOf(last);
    this.final = lineage.flatMap((stage) => stage.instructions);
    this.base = lineage[0].image;
  }

  /** Refuses an image that would hold a secret for everyone who may pull it. */
  public requireNoSecrets(): void {
    for (const instruction of this.instructions) {
      const where = `${instruction.getKeyword()} in line ${instruction.getRange().start.line + 1} of ${this.file}`;
      const properties = isPropertyInstruction(instruction) ? instruction.getProperties() : [];
      const literals = properties
        .map((property) => [property.getName(), property.getValue() ?? ''] as const)
        .filter(([, value]) => !value.includes('$') || secretIn(value));
      requireNoBakedSecrets(this.scope, where, Object.fromEntries(literals));
      requireNoBakedSecrets(this.scope, where, { 'a literal': instruction.getArgumentsContent() ?? '' });
    }
  }

  /** Refuses a copy of what the build context never holds, what the app's own build leaves included. */
  public requireNoExcludedCopies(output = 'dist'): void {
    for (const instruction of this.instructions.filter((candidate) => ['COPY', 'ADD'].includes(candidate.getKeyword()))) {
      const copy = instruction as Copy;
      if (copy.getKeyword() === 'COPY' && copy.getFromFlag()) {
        continue;
      }
      const words = copy.getOpeningBracket()
        ? copy.getJSONStrings().map((word) => word.getJSONValue())
        : copy.getArguments().map((word) => word.getValue());
      const isOutput = (word: string): boolean => `${path.posix.normalize(word).replace(/^\/+/, '')}/`.startsWith(`${output}/`);
      const excluded = words.slice(0, -1).find((word) => !word.includes('://') && (isOutput(word) || isNeverStaged(word.replace(/^\.?\//, ''))));
      if (excluded !== undefined) {
        refuse(this.scope, `${this.file} must not copy what never enters the build context, got: ${excluded} in line ${copy.getRange().start.line + 1}`,
          'Secrets come from the service\'s `secrets`; let a stage of the Dockerfile install and build, and copy its result with `COPY --from`');
      }
    }
  }

  /** The port that the image declares, after the refusal of one that contradicts it. */
  public portFor(port: number | undefined): number {
    const variable = this.final.filter((instruction) => instruction.getKeyword() === 'ENV')
      .flatMap((instruction) => (instruction as PropertyInstruction).getProperties())
      .filter((property) => property.getName() === 'PORT')
      .map((property) => wholeNumber(property.getValue() ?? ''))
      .pop();
    const exposed = this.final.filter((instruction) => instruction.getKeyword() === 'EXPOSE')
      .flatMap((instruction) => instruction.getArguments().map((argument) => argument.getValue()))
      .filter((value) => !value.endsWith('/udp'))
      .map((value) => wholeNumber(value.replace(/\/tcp$/i, '')));
    const known = exposed.filter((value) => value !== undefined);
    const agreed = port ?? variable ?? (known.length === 1 && exposed.length === 1 ? known[0] : DEFAULT_PORT);
    requireWithin(this.scope, agreed, IMAGE_LIMITS.port);
    if (variable !== undefined) {
      requireSamePort(this.scope, agreed, { port: variable, where: `ENV PORT of ${this.file}` });
    }
    if (exposed.length > 0 && known.length === exposed.length && !known.includes(agreed)) {
      requireSamePort(this.scope, agreed, { port: known[0], where: `EXPOSE of ${this.file}` });
    }
    return agreed;
  }

  /** The CMD or ENTRYPOINT that a shell or a package manager would run, which keeps SIGTERM to itself. */
  public get shellForm(): string | undefined {
    return ['ENTRYPOINT', 'CMD']
      .map((keyword) => this.final.filter((instruction) => instruction.getKeyword() === keyword).pop())
      .find((instruction) => instruction && hidesSignals(instruction))?.getTextContent();
  }

  /** Whether the server would run as root, as far as the file tells. */
  public get runsAsRoot(): boolean {
    const user = this.final.filter((instruction) => instruction.getKeyword() === 'USER').pop()?.getArguments()[0]?.getValue();
    return user === undefined ? !this.base.includes('nonroot') : /^(root|0)(:|$)/.test(user);
  }

  private lineageOf(index: number): Stage[] {
    const stage = this.stages[index];
    const parent = this.indexOf(stage.image, index);
    return parent < 0 ? [stage] : [...this.lineageOf(parent), stage];
  }

  /** Index of the stage of this name, or of this number, before another. */
  private indexOf(name: string, before: number): number {
    const earlier = this.stages.slice(0, before);
    const named = earlier.map((stage) => stage.name?.toLowerCase()).lastIndexOf(name.toLowerCase());
    return named < 0 && /^\d+$/.test(name) && Number(name) < before ? Number(name) : named;
  }
}

function stagesOf(instructions: readonly Instruction[]): Stage[] {
  const stages: Stage[] = [];
  for (const instruction of instructions) {
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From;
      stages.push({ name: from.getBuildStage() ?? undefined, image: from.getImage() ?? '', instructions: [] });
    } else {
      stages[stages.length - 1]?.instructions.push(instruction);
    }
  }
  return stages;
}

function isPropertyInstruction(instruction: Instruction): instruction is PropertyInstruction {
  return ['ENV', 'ARG', 'LABEL'].includes(instruction.getKeyword());
}

function wholeNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function hidesSignals(instruction: Instruction): boolean {
  const content = instruction.getArgumentsContent() ?? '';
  const words = execForm(content);
  if (!words) {
    return !/^exec\s/.test(content);
  }
  const name = words[0]?.split('/').pop() ?? '';
  const runsScript = ['sh', 'bash', 'ash', 'dash'].includes(name) && words.some((word) => /^-\w*c$/.test(word)) && !words.some((word) => /^exec\s/.test(word));
  return runsScript || ['npm', 'npx', 'yarn', 'pnpm'].includes(name);
}

/** The words of a command in exec form: as for Docker, whatever is a JSON array of strings, and nothing else. */
function execForm(content: string): string[] | undefined {
  try {
    const words: unknown = JSON.parse(content);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
  } catch {
    return undefined;
  }
}
