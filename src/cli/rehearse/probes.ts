import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CliFailure } from '../failure';
import { readJsonFile } from '../files';

/** The file in which an app says how to exercise it; the library cannot know its routes. */
export const PROBES_FILE = 'rehearse.json';

export interface Probe {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
  /** Sent first, such as the prompt whose stream this one reads. */
  readonly before?: Probe;
}

/** How to exercise an app. Every text may hold `${NAME}`, a variable of the server, or one that the rehearsal defines. */
export interface ProbesFile {
  /** Variables set for the rehearsal alone, such as another model. */
  readonly environment?: { readonly [name: string]: string };
  /** Headers of every request, such as a token. */
  readonly headers?: { readonly [name: string]: string };
  /** Opens a stream that stays open, and silent, for longer than it is held. */
  readonly stream?: ProbeFile;
  /** Makes the server accept state. */
  readonly write?: ProbeFile;
  /** Answers 2xx as long as that state is there. */
  readonly read?: ProbeFile;
}

export interface ProbeFile {
  readonly method?: string;
  readonly path: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: unknown;
  readonly before?: ProbeFile;
}

const WAY_OUT = 'Write an object with `stream`, `write` and `read`, as described on https://github.com/cdk-flue/cdk-flue/blob/main/docs/rehearse.md';

export type ProbeName = 'stream' | 'write' | 'read';
export type Lookup = (name: string) => string | undefined;

/** The probes of an app, with the variables in them not yet filled in. */
export class Probes {
  /** Reads the probes of the file given, or of the first directory that has some. */
  public static read(given: string | undefined, directories: readonly (string | undefined)[]): Probes {
    const standard = directories.flatMap(directory => directory === undefined ? [] : [join(directory, PROBES_FILE)]).find(path => existsSync(path));
    const source = given ?? standard;
    if (source === undefined) {
      return new Probes({});
    }
    const unreadable = (reason: string): string => `cdk-flue cannot use ${source} (${reason}).`;
    const file = readJsonFile(source, { problem: unreadable, wayOut: WAY_OUT });
    const fault = faultOf(file);
    if (fault !== undefined) {
      throw new CliFailure(unreadable(fault), WAY_OUT);
    }
    return new Probes(file as ProbesFile, source);
  }

  private constructor(private readonly file: ProbesFile, public readonly source?: string) {}

  /** Whether the rehearsal has to bring a model. */
  public get usesModel(): boolean {
    return JSON.stringify(this.file).includes('${model}');
  }

  /** Names of the variables set for the rehearsal alone. */
  public get names(): string[] {
    return Object.keys(this.file.environment ?? {});
  }

  /** The variables set for the rehearsal alone. */
  public environment(lookup: Lookup): { [name: string]: string } {
    return Object.fromEntries(Object.entries(this.file.environment ?? {}).map(([name, value]) => [name, fill(value, lookup)]));
  }

  public get(name: ProbeName, lookup: Lookup): Probe | undefined {
    const probe = this.file[name];
    return probe && this.render(probe, lookup);
  }

  private render(probe: ProbeFile, lookup: Lookup): Probe {
    const headers = { ...this.file.headers, ...probe.headers };
    return {
      method: probe.method ?? (probe.body === undefined ? 'GET' : 'POST'),
      path: fill(probe.path, lookup),
      headers: {
        ...probe.body === undefined ? {} : { 'content-type': 'application/json' },
        ...Object.fromEntries(Object.entries(headers).map(([header, value]) => [header, fill(value, lookup)])),
      },
      body: probe.body === undefined ? undefined : fill(JSON.stringify(probe.body), lookup),
      before: probe.before && this.render(probe.before, lookup),
    };
  }
}

const PROBE_NAMES = ['stream', 'write', 'read'] as const;
const FILE_KEYS = ['environment', 'headers', ...PROBE_NAMES];
const PROBE_KEYS = ['method', 'path', 'headers', 'body', 'before'];

/** What is wrong with a file of probes; a key that nobody reads is a probe that is never sent. */
function faultOf(file: unknown): string | undefined {
  if (!isObject(file)) {
    return 'it is not a JSON object';
  }
  return unknownKey('', file, FILE_KEYS) ?? noTexts('environment', file.environment) ?? noTexts('headers', file.headers)
    ?? PROBE_NAMES.map(name => faultOfProbe(name, file[name])).find(fault => fault !== undefined);
}

function faultOfProbe(name: string, probe: unknown): string | undefined {
  if (probe === undefined) {
    return undefined;
  }
  if (!isObject(probe)) {
    return `${name} is not an object`;
  }
  const { path, method } = probe;
  return unknownKey(name, probe, PROBE_KEYS)
    ?? (typeof path !== 'string' ? `${name} has no path` : !/^[/$]/.test(path) ? `the path of ${name} does not begin with a slash` : undefined)
    ?? (method !== undefined && !(typeof method === 'string' && /^[A-Z]+$/.test(method)) ? `the method of ${name} is not an HTTP method` : undefined)
    ?? noTexts(`${name}.headers`, probe.headers) ?? faultOfProbe(`${name}.before`, probe.before);
}

function unknownKey(where: string, object: object, known: readonly string[]): string | undefined {
  const unknown = Object.keys(object).find(key => !known.includes(key));
  return unknown === undefined ? undefined : `${where ? `${where}.` : ''}${unknown} is not a known key; the known ones are ${known.join(', ')}`;
}

function noTexts(name: string, value: unknown): string | undefined {
  return value === undefined || isObject(value) && Object.values(value).every(text => typeof text === 'string') ? undefined : `${name} must be an object whose values are strings`;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fill(text: string, lookup: Lookup): string {
  return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    const value = lookup(name);
    if (value === undefined) {
      throw new CliFailure(`${PROBES_FILE} uses \${${name}}, which is not a variable of the server.`,
        'Use a variable of the server, or one of ${model}, ${id} and ${write.…}, a field of the answer to `write`.');
    }
    return value;
  });
}
