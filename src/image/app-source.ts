import * as fs from 'node:fs';
import { shellIn, type Shell } from './app/agent-shell';
import { pathsRead } from './app/working-directory';
import type { ContextEntry } from './context-entry';

const SOURCE = /\.[cm]?[jt]sx?$/;
/** What croner, cron, node-cron and node-schedule are called by. */
const TIMER = /(?<![\w.])(new Cron(?:Job)?\(|cron\.schedule\(|(?:schedule\.)?scheduleJob\()/;
/** An import of a module of Flue: the names that it takes, or the one name for all of them. */
const FLUE_IMPORT = /(?:\{(?<names>[^{}]*)\}|\*\s*as\s+(?<all>[\w$]+))\s*from\s*['"]@flue\/runtime['"]/g;
/** What reaches an instance of an agent without a request; `init()` from Flue 2.x on. */
const DELIVERIES = ['dispatch', 'init'];
const COMMENT = /\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm;
/** Sources that are not of the server. */
export const NOT_OF_SERVER = /(^|\/)(tests?|__tests__|e2e|scripts|fixtures|dist|public)\/|(^|\/)[\w.-]+\.(test|spec|stories|config|d)\.[cm]?[jt]sx?$/;
const MAX_FILES = 2000;
const MAX_BYTES = 512 * 1024;

/** Where an app keeps its sources, relative to its directory. */
export interface SourcePlaces {
  /** '' for the directory itself. */
  readonly folder: string;
  /** The module with the routes, where the configuration names one. */
  readonly app?: string;
  /** The module with the persistence, where the configuration names one; false where only running it could tell. */
  readonly db?: string | false;
}

/** What the source of a Flue app says about its routes and its persistence. */
export class AppSource {
  private readonly root: string;
  private readonly files: readonly ContextEntry[];
  /** Whether there is more source than is worth reading at synthesis. */
  private readonly tooLarge: boolean;
  private texts?: readonly string[];

  /** Reads the entries of the app itself, whose paths begin at its directory. */
  public constructor(entries: readonly ContextEntry[], private readonly places: SourcePlaces) {
    this.root = places.folder === '' ? '' : `${places.folder}/`;
    this.files = entries.filter((entry) => entry.link === undefined && SOURCE.test(entry.path)
      && (entry.path.startsWith(this.root) || [places.app, places.db].includes(entry.path)));
    this.tooLarge = this.files.length > MAX_FILES;
  }

  /** Whether the app brings a persistence adapter of its own; true where nobody can tell. */
  public get hasDatabaseModule(): boolean {
    const { db } = this.places;
    return db === false || this.files.some((entry) => (db === undefined ? /^db\.m?[jt]s$/.test(entry.path.slice(this.root.length)) : entry.path === db));
  }

  /** Whether the source names a route, or the last segments of one that a mount prefix may complete; true where nobody can tell. */
  public mayServe(route: string): boolean {
    const segments = route.split(/[?#]/)[0].split('/').filter((segment) => segment);
    const names = segments.map((_, index) => `/${segments.slice(index).join('/')}`);
    return this.tooLarge || this.read().some((text) =>
      names.some((name) => ['\'', '"', '`'].some((quote) => text.includes(`${quote}${name}${quote}`) || text.includes(`${quote}${name}/${quote}`))));
  }

  /** Whether the source has an agent or a workflow: a file of its name in the folder, or its name in quotes or in a path; true where nobody can tell. */
  public mayHave(folder: string, name: string): boolean {
    return this.tooLarge || this.files.some(({ path }) => path.startsWith(`${this.root}${folder}/${name}.`) || path.startsWith(`${this.root}${folder}/${name}/`))
      || this.read().some((text) => ['\'', '"', '`', '/'].some((before) => ['\'', '"', '`', '/'].some((after) => text.includes(`${before}${name}${after}`))));
  }

  /** Whether every module that opens a `pg` pool listens for the errors of its idle connections; true where nobody can tell. */
  public get handlesPoolErrors(): boolean {
    const pools = this.tooLarge ? [] : this.read().filter((text) => /(from|require\(|import\()\s*(['"])pg\2/.test(text) && /\bPool\b/.test(text));
    return pools.length === 0 || pools.some((text) => /\.on\(\s*(['"`])error\1/.test(text));
  }

  /** The timer that the source sets for a time of the day, as it is written; undefined for none, and where nobody can tell. */
  public get timer(): string | undefined {
    return this.tooLarge ? undefined : this.read().map((text) => TIMER.exec(text.replace(COMMENT, ''))?.[1]).find((found) => found !== undefined);
  }

  /** The function of Flue that delivers within the process, where a module takes it; undefined for none, and where nobody can tell. */
  public get delivery(): string | undefined {
    const texts = this.tooLarge ? [] : this.read().map((text) => text.replace(COMMENT, ''));
    return DELIVERIES.find((name) => texts.some((text) => [...text.matchAll(FLUE_IMPORT)].some(({ groups = {} }) => (groups.all === undefined
      ? new RegExp(`(?<!type\\s+)\\b${name}\\b`).test(groups.names) : text.includes(`${groups.all}.${name}(`)))));
  }

  /** The shell that agents have beside the server, and where one gets it; undefined for none, and where nobody can tell. */
  public shellBesideServer(hasDefault: boolean): { readonly path: string; readonly shell: Shell } | undefined {
    const files = this.tooLarge ? [] : this.files.filter((entry) => !NOT_OF_SERVER.test(entry.path) && fs.statSync(entry.absolute).size <= MAX_BYTES);
    for (const { path, absolute } of files) {
      const shell = shellIn(path, fs.readFileSync(absolute, 'utf8'), hasDefault);
      if (shell !== undefined) {
        return { path, shell };
      }
    }
    return undefined;
  }

  /** What the source reads from the working directory, relative to it; nothing where there is too much of it. */
  public get reads(): readonly string[] {
    return this.tooLarge ? [] : [...new Set(this.files.filter((entry) => fs.statSync(entry.absolute).size <= MAX_BYTES)
      .flatMap((entry) => pathsRead(entry.path, fs.readFileSync(entry.absolute, 'utf8'))))].sort();
  }

  private read(): readonly string[] {
    this.texts ??= this.files.filter((entry) => fs.statSync(entry.absolute).size <= MAX_BYTES).map((entry) => fs.readFileSync(entry.absolute, 'utf8'));
    return this.texts;
  }
}
