import * as path from 'node:path';
import { Token } from 'aws-cdk-lib';
import type { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { IConstruct } from 'constructs';
import { DockerfileParser, type From, type Instruction, type PropertyInstruction } from 'dockerfile-ast';
import { checkCommand, type DockerfileCommand, type DockerfileSurroundings } from './dockerfile-command';
import { brings, copiesOf, placeOf, requireNoExcludedCopies, requireStagedCopies } from './dockerfile-copies';
import { architectureOf, architectureOfImage, isTaskArchitecture } from './dockerfile-platform';
import { DockerfileVariables, type VariableValue } from './dockerfile-variables';
import { requireRegistryVariables } from './registry-variables';
import { refuse } from '../invariants/invariant';
import { requireWithin } from '../invariants/limits/guard';
import { DEFAULT_PORT, IMAGE_LIMITS } from '../invariants/limits/image';
import { PINNED_PLATFORM } from '../invariants/pinned-platform';
import { requireSamePort } from '../invariants/port-agreement';
import { secretIn } from '../invariants/secret-shapes';
import { requireNoBakedSecrets } from '../invariants/secrets-only';
import { WARNINGS } from '../invariants/warnings';

interface Stage {
  readonly name?: string;
  readonly image: string;
  /** The `--platform` of FROM. */
  readonly platform?: string;
  readonly line: number;
  readonly instructions: Instruction[];
}

/** What an own Dockerfile is built with. */
export interface OwnDockerfileOptions {
  /** Path from the root of the context. */
  readonly file: string;
  readonly content: string;
  readonly target?: string;
  readonly buildArgs: { readonly [name: string]: string };
}

/** A Dockerfile that the app brings. */
export class OwnDockerfile {
  private readonly file: string;
  private readonly instructions: readonly Instruction[];
  private readonly stages: readonly Stage[];
  /** Instructions that shape the image that runs: those of its stage, after those of the stages it is made from. */
  private readonly final: readonly Instruction[];
  private readonly last: number;
  private readonly lineage: readonly Stage[];
  private readonly base: string;
  private readonly variables: DockerfileVariables;

  /** Parses the file, and refuses one without the stage that is asked for. */
  public constructor(private readonly scope: IConstruct, { file, content, target, buildArgs }: OwnDockerfileOptions) {
    this.file = file;
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
    this.last = last;
    this.lineage = this.lineageOf(last);
    this.final = this.lineage.flatMap((stage) => stage.instructions);
    const first = this.instructions.findIndex((instruction) => instruction.getKeyword() === 'FROM');
    this.variables = new DockerfileVariables(this.instructions.slice(0, first).filter((instruction) => instruction.getKeyword() === 'ARG'), buildArgs);
    this.lineage.forEach((stage) => this.variables.follow(stage.instructions));
    const base = this.variables.expandFrom(this.lineage[0].image);
    this.base = 'value' in base ? base.value : this.lineage[0].image;
  }

  /** What the image sets in NODE_OPTIONS; a warning tells of what only the build knows. */
  public get nodeOptions(): string | undefined {
    const options = this.variable('NODE_OPTIONS');
    if (options && 'unknown' in options) {
      WARNINGS.nodeOptionsUnknown.give(this.scope, { file: this.file, unknown: options.unknown });
    }
    return options && 'value' in options ? options.value.trim() || undefined : undefined;
  }

  /** The path of the CA bundle of Amazon RDS, after the refusal of one that would take the place of the image's own certificates. */
  public caBundleFor(given: string | undefined): string | undefined {
    const own = this.variable('NODE_EXTRA_CA_CERTS');
    const value = own && 'value' in own ? own.value : undefined;
    const shown = own && 'unknown' in own ? own.unknown : value;
    if (given !== undefined && !Token.isUnresolved(given) && shown && shown !== given) {
      refuse(this.scope, `\`caBundlePath\` must be the file that ENV NODE_EXTRA_CA_CERTS of ${this.file} names, got: ${given} and ${shown}`,
        `Node.js reads one file: write both into one before \`USER\`, as in \`RUN cat ${given} ${shown} > /etc/ssl/certs/server.pem\`, and name that one in both places`);
    }
    return given ?? (value && /rds|global-bundle/i.test(value) ? value : undefined);
  }

  private variable(name: string): VariableValue | undefined {
    const isSet = this.final.some((instruction) => instruction.getKeyword() === 'ENV'
      && (instruction as PropertyInstruction).getProperties().some((property) => property.getName() === name));
    return isSet ? this.variables.get(name) : undefined;
  }

  /** Refuses an image of another CPU architecture than the tasks run on. */
  public requireArchitecture(architecture: CpuArchitecture): void {
    const wanted = architecture._cpuArchitecture;
    const { platform, line } = this.lineage[0];
    const where = `FROM in line ${line} of ${this.file}`;
    if (platform?.includes('BUILDPLATFORM')) {
      refuse(this.scope, `\`cpuArchitecture\` must decide the final stage, got: --platform=${platform}, the platform of the machine that builds, for ${where}`,
        'Take `--platform` out there; a stage that only compiles may keep it', PINNED_PLATFORM);
    }
    const named = platform === undefined ? undefined : this.variables.expandFrom(platform);
    const [text, found] = named && 'value' in named
      ? [`--platform=${named.value}`, architectureOf(named.value.split('/')[1] ?? '')]
      : [this.base, architectureOfImage(this.base)];
    if (found !== undefined && found !== wanted) {
      refuse(this.scope, `\`cpuArchitecture\` must be the one that ${where} names, got: ${wanted} and ${text}`,
        isTaskArchitecture(found) ? `Pass \`cpuArchitecture: CpuArchitecture.${found}\`, or take the architecture out of the Dockerfile`
          : 'Take a base image for several architectures, such as `node:22-slim`', PINNED_PLATFORM);
    }
  }

  /** Refuses and warns of a command that starts no Flue server, keeps SIGTERM from it, or reads what the build does not have. */
  public checkCommand(surroundings: DockerfileSurroundings): void {
    const { file, base, instructions } = this;
    const last = this.final.filter((instruction) => instruction.getKeyword() === 'WORKDIR').pop();
    const workdir = this.variables.expand(last?.getArgumentsContent() ?? '/');
    if (/(^|\/)[\w-]*sandbox(:|@|$)/.test(base) && !this.final.some((instruction) => instruction.getKeyword() === 'ENTRYPOINT')) {
      WARNINGS.sandboxBase.give(this.scope, { file, base });
    }
    checkCommand(this.scope, { ...surroundings, ...this.command(), file, base, instructions, workdir: 'value' in workdir ? workdir.value : '/' });
  }

  /** What starts the container: ENTRYPOINT with the words of CMD, and the instructions that say so. */
  private command(): Pick<DockerfileCommand, 'shown' | 'words'> {
    let entrypoint: Instruction | undefined;
    let cmd: Instruction | undefined;
    for (const stage of this.lineage) {
      const lastOf = (keyword: string): Instruction | undefined =>
        stage.instructions.filter((instruction) => instruction.getKeyword() === keyword).pop();
      // an ENTRYPOINT takes away the CMD of the stage before
      cmd = lastOf('CMD') ?? (lastOf('ENTRYPOINT') ? undefined : cmd);
      entrypoint = lastOf('ENTRYPOINT') ?? entrypoint;
    }
    const forms = [entrypoint, cmd].map((instruction) => {
      const content = instruction?.getArgumentsContent();
      return content === undefined || content === null ? undefined : execForm(content) ?? content;
    });
    const [first, second] = forms;
    const shown = (...from: (Instruction | undefined)[]): string => from.flatMap((instruction) => instruction?.getTextContent() ?? []).join(', ');
    // in its shell form, ENTRYPOINT takes no words of CMD
    return typeof first === 'string' ? { shown: shown(entrypoint), words: first }
      : !first?.length ? { shown: shown(cmd), words: second }
        : { shown: shown(entrypoint, cmd), words: [...first, ...(typeof second === 'string' ? ['sh', '-c', second] : second ?? [])] };
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

  /** Refuses a copy of what no build context holds, what the app's own build leaves included. */
  public requireNoExcludedCopies(output = 'dist'): void {
    requireNoExcludedCopies(this.scope, this.file, copiesOf(this.needed), output);
  }

  /** Refuses a copy of what stays out of this context, and a registry's variable that no step of the Dockerfile has. */
  public requireContext({ directory, entries }: DockerfileSurroundings): void {
    const copies = copiesOf(this.needed);
    requireStagedCopies(this.scope, copies, { file: this.file, directory, entries });
    const texts = this.needed.map((instruction) => instruction.getTextContent());
    const sources = copies.filter(({ from }) => from === undefined).flatMap((copy) => copy.sources);
    const installs = texts.some((text) => /^RUN\b[^]*\b(npm|pnpm|yarn|bun)\b/i.test(text));
    const copied = entries.filter((entry) => installs && sources.some((source) => brings(source, entry.path)));
    requireRegistryVariables(this.scope, copied, {
      has: (name) => texts.some((text) => new RegExp(`\\b${name}\\b`).test(text)),
      way: (name) => `Write \`RUN --mount=type=secret,id=${name},env=${name}\` before the install in ${this.file}, and pass \`buildSecrets: { ${name}: 'env=${name}' }\``,
    });
  }

  /** Whether the image may hold a path of the build context; true where nobody can tell. */
  public mayHold(name: string): boolean {
    const copies = copiesOf(this.final);
    const fromContext = copies.filter(({ from }) => from === undefined).flatMap(({ sources }) => sources);
    const fromStages = copies.filter(({ from }) => from !== undefined).flatMap(({ sources }) => sources);
    const top = name.split('/')[0];
    const isOther = (source: string): boolean => /(^|\/)(dist|build|node_modules|package(-lock)?\.json|\.output|[\w.-]+\.m?js)$/.test(placeOf(source));
    return fromContext.some((source) => brings(source, name))
      || fromStages.some((source) => placeOf(source).split('/').includes(top) || !isOther(source))
      || this.final.some((instruction) => instruction.getKeyword() === 'RUN' && (instruction.getArgumentsContent() ?? '').includes(path.posix.basename(name)));
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

  /** Whether the server would run as root, as far as the file tells. */
  public get runsAsRoot(): boolean {
    const user = this.final.filter((instruction) => instruction.getKeyword() === 'USER').pop()?.getArguments()[0]?.getValue();
    return user === undefined ? !this.base.includes('nonroot') : /^(root|0)(:|$)/.test(user);
  }

  /** The instructions of every stage that the image needs: those it is made from, and those that they copy or mount from. */
  private get needed(): Instruction[] {
    const found = new Set<number>();
    const visit = (index: number): void => {
      if (index < 0 || found.has(index)) {
        return;
      }
      found.add(index);
      const { image, instructions } = this.stages[index];
      const mounted = instructions.flatMap((instruction) => [...instruction.getTextContent().matchAll(/--(?:mount=\S*\b)?from=([^\s,]+)/g)].map(([, name]) => name));
      [image, ...mounted].forEach((name) => visit(this.indexOf(name, index)));
    };
    visit(this.last);
    return [...found].sort((one, other) => one - other).flatMap((index) => this.stages[index].instructions);
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
      stages.push({
        name: from.getBuildStage() ?? undefined,
        image: from.getImage() ?? '',
        platform: from.getPlatformFlag()?.getValue() ?? undefined,
        line: from.getRange().start.line + 1,
        instructions: [],
      });
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

/** The words of a command in exec form: as for Docker, whatever is a JSON array of strings, and nothing else. */
function execForm(content: string): string[] | undefined {
  try {
    const words: unknown = JSON.parse(content);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
  } catch {
    return undefined;
  }
}
