import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Report } from './report';
import { ROOT, run } from './shell';
import { diff, readTemplates, type Templates } from './templates';

/** What the next run need not find out, unpack or compile again. */
export const CACHE = join(homedir(), '.cache/cdk-flue-consumers');
export const APPS = join(__dirname, '../apps');
const SILENCE = join(ROOT, 'test/support/only-synthesize.cjs');
const KERNEL = join(__dirname, 'kernel.cjs');

/** The context that makes an app something else than production. */
interface Stage {
  readonly preview?: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bundledDependencies: string[];
  readonly peerDependencies: Record<string, string>;
}

export const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** The lowest version that package.json declares for a peer. */
export function lowest(peer: string): string {
  return MANIFEST.peerDependencies[peer].replace(/^\^/, '');
}

export type App = 'readme' | 'cross-stack' | 'smoke' | 'example' | 'production' | 'events' | 'ci' | `preview=${typeof PREVIEWS[number]}`;

/** Stages of the first example: what the previews share, and one of them. */
export const PREVIEWS = ['base', '17'] as const;

/** The place where everything is made, outside the repository, and what every consumer must come to. */
export class Bench {
  private readonly expected = new Map<App, Templates>();

  public constructor(public readonly report: Report, private readonly directory: string) {}

  /** A new directory of that name. */
  public place(name: string): string {
    const place = join(this.directory, name);
    mkdirSync(place, { recursive: true });
    return place;
  }

  /** The one file of the library with that ending that jsii-pacmak wrote for a language. */
  public artefact(language: string, ending: string): string {
    const directory = join(this.directory, 'dist', language);
    return join(directory, readdirSync(directory).find(file => /^cdk.flue/.test(file) && file.endsWith(ending))!);
  }

  /** Runs an app, without aws-cdk-lib's own judge of templates, and returns the templates. */
  public async synthesize(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}, stage: Stage = {}): Promise<Templates> {
    return this.start(program, args, cwd, [SILENCE], env, stage);
  }

  /** Runs an app and returns the templates. */
  public async synthesizeJudged(program: string, args: string[], cwd: string): Promise<Templates> {
    return this.start(program, args, cwd, [], {}, {});
  }

  private async start(program: string, args: string[], cwd: string, presets: string[], env: NodeJS.ProcessEnv, stage: Stage): Promise<Templates> {
    const outdir = join(this.directory, `assembly-${process.hrtime.bigint()}`);
    const { context } = JSON.parse(readFileSync(join(ROOT, 'examples/typescript/cdk.json'), 'utf8')) as { context: Record<string, unknown> };
    const settings = { ...context, ...stage, 'aws:cdk:version-reporting': false };
    // What one process has compiled, the next one reads.
    const compiled = { NODE_COMPILE_CACHE: join(this.directory, 'compiled'), KERNEL_PLACE: join(this.directory, `kernel-${basename(program)}`) };
    const options = { NODE_OPTIONS: [KERNEL, ...presets].map(preset => `--require=${preset}`).join(' ') };
    await run(program, args, { cwd, env: { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(settings), ...compiled, ...options, ...env } });
    if (!existsSync(outdir)) throw new Error(`${program} ${args.join(' ')} wrote no assembly`);
    const templates = readTemplates(outdir);
    rmSync(outdir, { recursive: true });
    return templates;
  }

  public expect(app: App, templates: Templates): void {
    this.expected.set(app, templates);
  }

  /** Throws the diff when the templates are not those of the build in the repository. */
  public async mustEqual(app: App, actual: Templates): Promise<string> {
    const found = await this.differs(app, actual);
    if (found !== '') throw new Error(`The templates differ:\n${found}`);
    return `${actual.size} ${actual.size === 1 ? 'template' : 'templates'} equal`;
  }

  public async differs(app: App, actual: Templates): Promise<string> {
    return diff(this.expected.get(app)!, actual, this.place(`diff-${app}-${process.hrtime.bigint()}`));
  }

  /** Copies files that are in the repository, as git knows them. */
  public async copy(from: string, to: string): Promise<void> {
    const files = (await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', from], { cwd: ROOT })).trim().split('\n').filter(file => existsSync(join(ROOT, file)));
    for (const file of files) {
      const target = join(to, file.slice(from.length + 1));
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(ROOT, file), target);
    }
  }
}
