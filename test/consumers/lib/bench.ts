import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Report } from './report';
import { ROOT, run, tool } from './shell';
import { diff, readTemplates, type Templates } from './templates';

export const APPS = join(__dirname, '../apps');
export const STAGE = join(ROOT, '.package');
const SILENCE = join(ROOT, 'test/support/only-synthesize.cjs');

/** What is packed beside the library, and how. */
interface Packing {
  /** Modules it depends on. */
  readonly modules?: string[];
  readonly flags?: string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** The context that makes an app something else than production. */
interface Stage {
  readonly preview?: string;
}

interface Manifest {
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

  /** Packs the library into `dist`. */
  public async pack(languages: string[], { modules = [], flags = [], env }: Packing): Promise<void> {
    const directories = [...modules.map(name => join(ROOT, 'node_modules', name)), STAGE];
    await run(tool('jsii-pacmak'), ['--targets', ...languages, '--no-npmignore', ...flags, '--outdir', this.place('dist'), ...directories], { cwd: ROOT, env });
  }

  /** Runs an app, without aws-cdk-lib's own judge of templates, and returns the templates. */
  public async synthesize(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}, stage: Stage = {}): Promise<Templates> {
    return this.synthesizeJudged(program, args, cwd, { NODE_OPTIONS: `--require=${SILENCE}`, ...env }, stage);
  }

  /** Runs an app and returns the templates. */
  public async synthesizeJudged(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}, stage: Stage = {}): Promise<Templates> {
    const outdir = join(this.directory, `assembly-${process.hrtime.bigint()}`);
    const { context } = JSON.parse(readFileSync(join(ROOT, 'examples/typescript/cdk.json'), 'utf8')) as { context: Record<string, unknown> };
    const settings = { ...context, ...stage, 'aws:cdk:version-reporting': false };
    // What one Node has compiled, the next one reads; the runtime of the other languages lays its modules out in another place each time.
    const compiled = { NODE_COMPILE_CACHE: /\bnode$/.test(program) ? join(this.directory, 'compiled') : undefined };
    await run(program, args, { cwd, env: { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(settings), ...compiled, ...env } });
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
