import { answers } from './shell';

export type Outcome = 'passed' | 'failed' | 'SKIPPED';

interface Row {
  readonly name: string;
  readonly outcome: Outcome;
  readonly seconds: number;
  readonly note: string;
}

const TOOLS: Record<string, [string, string[]]> = {
  python3: ['python3', ['-c', 'import pip, venv, sys; sys.exit(sys.version_info < (3, 9))']],
  java: ['javac', ['-version']],
  mvn: ['mvn', ['-version']],
  go: ['go', ['version']],
};
export type Tool = keyof typeof TOOLS;

/** Collects what each consumer came to. */
export class Report {
  private readonly rows: Row[] = [];

  /** Runs one check. It fails when `body` throws; what `body` returns is the note. Says whether it passed. */
  public async check(name: string, body: () => Promise<string | void>): Promise<boolean> {
    const started = Date.now();
    try {
      return this.add(name, 'passed', started, await body() ?? '');
    } catch (error) {
      console.log(`\n--- ${name}\n${error instanceof Error ? error.message : error}\n`);
      return this.add(name, 'failed', started, 'see above');
    }
  }

  /** Says whether the tools are there; without them the consumer is skipped, and in CI it fails. */
  public async has(name: string, tools: Tool[]): Promise<boolean> {
    const found = await Promise.all(tools.map(tool => answers(...TOOLS[tool])));
    const missing = tools.filter((_, index) => !found[index]);
    if (missing.length === 0) return true;
    this.add(name, process.env.CI ? 'failed' : 'SKIPPED', Date.now(), `not on this machine: ${missing.join(', ')}`);
    return false;
  }

  public count(outcome: Outcome): number {
    return this.rows.filter(row => row.outcome === outcome).length;
  }

  public toString(): string {
    const width = Math.max(...this.rows.map(({ name }) => name.length), 'consumer'.length);
    const line = (name: string, outcome: string, seconds: string, note: string): string =>
      `${name.padEnd(width)}  ${outcome.padEnd(7)}  ${seconds.padStart(5)}  ${note}`.trimEnd();
    return [
      line('consumer', 'result', 's', 'note'),
      ...[...this.rows].sort((a, b) => (a.name < b.name ? -1 : 1)).map(row => line(row.name, row.outcome, row.seconds.toFixed(0), row.note)),
    ].join('\n');
  }

  private add(name: string, outcome: Outcome, started: number, note: string): boolean {
    const seconds = (Date.now() - started) / 1000;
    this.rows.push({ name, outcome, seconds, note });
    console.log(`${outcome.padEnd(7)}  ${name} (${seconds.toFixed(0)} s)${note ? `: ${note}` : ''}`);
    return outcome === 'passed';
  }
}
