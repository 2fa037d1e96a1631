import { parseArgs } from 'node:util';
import { Connection } from './connection';
import {
  columnsOf, comment, commentOf, connectionsOf, FLEETS, KEYS, LOCK, makeSchema, makeTables, move, MOVED, rowsOf, sharesOf, stateOf, STAYING,
  tablesIn, type Fleet,
} from './reshard-sql';
import { SHARD_COUNTS } from '../../invariants/shards/partition';
import { CliFailure } from '../failure';

export const RESHARD_USAGE = `Usage: cdk-flue reshard --to N [options]

Moves the conversations of a FlueShardedService to twice as many shards, or back to half. No server may run meanwhile.
It takes the connection string of the administrator of the database from the variable DATABASE_URL, and the package pg from your project.
All of it is one transaction: if a step fails, everything is as it was.

  --to N            the new number of shards: ${SHARD_COUNTS.join(', ')}
  --fleet NAME      the fleet, if the database has several: the id of the construct
  --dry-run         say what would move and what is in the way, and change nothing
  --through H:PORT  connect there, to a tunnel that leads to the host of DATABASE_URL
  --ca FILE         certificate authorities of the server, as PEM
  --json            one JSON document on the standard output, and nothing else

The way back: cdk-flue reshard --to with the old number, in the same window or later.

The exit code is 0 when the conversations are moved, or could be; 1 when something is in the way; 2 when the command cannot run.
`;

interface ReshardOptions {
  readonly to: number;
  readonly fleet?: string;
  readonly dryRun: boolean;
  readonly through?: string;
  readonly ca?: string;
  readonly json: boolean;
}

interface Outcome {
  readonly fleet: string;
  readonly from: number;
  readonly to: number;
  /** Why nothing can be moved. */
  readonly inTheWay: readonly string[];
  readonly conversations: number;
  readonly moved: number;
  readonly done: boolean;
}

/** `cdk-flue reshard`: the exit code says whether something is in the way. */
export async function reshard(argv: string[], environment: NodeJS.ProcessEnv = process.env): Promise<number> {
  const options = parse(argv);
  const url = environment.DATABASE_URL;
  if (!url) {
    throw new CliFailure('The variable DATABASE_URL is not set.', 'Set it to the connection string of the administrator of the database.');
  }
  const connection = await Connection.open({ url, through: options.through, ca: options.ca });
  const say = options.json ? () => undefined : (line: string) => process.stdout.write(`${line}\n`);
  try {
    const outcome = await connection.transaction(() => new Resharding(connection, options, say).run());
    process.stdout.write(options.json ? `${JSON.stringify(outcome, undefined, 2)}\n` : summary(outcome, options));
    return outcome.inTheWay.length > 0 ? 1 : 0;
  } finally {
    await connection.close();
  }
}

function parse(argv: string[]): ReshardOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const help = 'Run `cdk-flue reshard --help` for the options.';
  let values;
  try {
    ({ values } = parseArgs({ args: argv, options: { 'to': text, 'fleet': text, 'through': text, 'ca': text, 'dry-run': flag, 'json': flag } }));
  } catch (error) {
    throw new CliFailure(`${(error as Error).message.split('. ')[0]}.`, help);
  }
  const to = Number(values.to);
  if (!SHARD_COUNTS.includes(to)) {
    throw new CliFailure(`--to must be one of ${SHARD_COUNTS.join(', ')}, got: ${values.to ?? 'nothing'}`, help);
  }
  if (values.through !== undefined && !/^[^:]+:\d+$/.test(values.through)) {
    throw new CliFailure(`--through must be an address and a port, such as 127.0.0.1:5432, got: ${values.through}`, help);
  }
  return { to, fleet: values.fleet, through: values.through, ca: values.ca, dryRun: values['dry-run'] ?? false, json: values.json ?? false };
}

/** One run, within one transaction. */
class Resharding {
  public constructor(
    private readonly connection: Connection, private readonly options: ReshardOptions, private readonly say: (line: string) => void,
  ) {}

  public async run(): Promise<Outcome> {
    const fleet = await this.findFleet();
    const { to } = this.options;
    const from = fleet.schemas.length;
    const grows = to > from;
    const target: Fleet = { ...fleet, schemas: Array.from({ length: to }, (_, shard) => schemaOf(fleet, shard)) };
    const further = schemasFrom(fleet, Math.min(from, to), Math.max(from, to));
    this.say(`${fleet.name}: from ${from} to ${to} shards, by ${fleet.key}.`);
    await this.connection.rows(LOCK);
    const inTheWay = [...await this.running(fleet), ...await this.unsettled(fleet), ...grows ? await this.notEmpty(further) : []];
    const moves = await this.moves(fleet, to);
    const conversations = moves.reduce((sum, { sessions }) => sum + sessions, 0);
    const moved = moves.filter(({ source, shard }) => source !== shard).reduce((sum, { sessions }) => sum + sessions, 0);
    const outcome = { fleet: fleet.name, from, to, inTheWay, conversations, moved };
    if (inTheWay.length > 0 || this.options.dryRun) {
      return { ...outcome, done: false };
    }
    await this.move(fleet, target, further);
    await this.verify(target, conversations);
    return { ...outcome, done: true };
  }

  private async findFleet(): Promise<Fleet> {
    const rows = await this.connection.rows<{ schema: string; comment: string }>(FLEETS);
    const fleets = new Map<string, string[]>();
    rows.forEach(row => fleets.set(row.comment, [...fleets.get(row.comment) ?? [], row.schema]));
    const found = [...fleets].map(([text, schemas]) => ({ ...readComment(text), schemas: bySuffix(schemas) }))
      .filter(({ name }) => this.options.fleet === undefined || name === this.options.fleet);
    if (found.length !== 1) {
      const names = [...new Set(rows.map(row => readComment(row.comment).name))].join(', ');
      throw new CliFailure(found.length === 0 ? `The database holds no shards${this.options.fleet === undefined ? '' : ` of ${this.options.fleet}`}.` : `The database holds several fleets: ${names}.`,
        found.length === 0 ? `Check DATABASE_URL${names === '' ? '' : `, and --fleet: ${names}`}.` : 'Choose one with --fleet NAME.');
    }
    const [{ name, key, shards, schemas }] = found;
    const { to } = this.options;
    if (!KEYS.includes(key) || schemas.length !== shards || schemas.some((schema, shard) => schema !== schemaOf({ schemas }, shard))) {
      throw new CliFailure(`The schemas of ${name} are not those of ${shards} shards: ${schemas.join(', ')}.`, 'Nothing was changed. Deploy the service once as it was, and try again.');
    }
    if (to !== shards * 2 && to * 2 !== shards) {
      throw new CliFailure(`${name} has ${shards} shards: --to must be ${[shards * 2, shards / 2].filter(count => SHARD_COUNTS.includes(count)).join(' or ')}, got: ${to}`,
        'The number of shards doubles or halves. Run the command once for each step.');
    }
    return { name, key, schemas };
  }

  private async running({ schemas }: Fleet): Promise<string[]> {
    const rows = await this.connection.rows<{ role: string; count: number }>(connectionsOf(schemas));
    return rows.map(({ role, count }) => `${role} has ${count} open connections: stop its server`);
  }

  private async unsettled({ schemas }: Fleet): Promise<string[]> {
    const tables = await this.connection.rows<{ schema: string; table: string }>(tablesIn(schemas));
    const known = [...MOVED, ...STAYING];
    const foreign = [...new Set(tables.map(({ table }) => table).filter(table => !known.includes(table)))];
    const missing = schemas.filter(schema => known.some(name => !tables.some(({ schema: of, table }) => of === schema && table === name)));
    if (foreign.length > 0 || missing.length > 0) {
      throw new CliFailure(foreign.length > 0 ? `The schemas hold tables that this command does not know: ${foreign.join(', ')}.` : `The tables of Flue 0.10 are missing in ${missing.join(', ')}.`,
        foreign.length > 0 ? 'They are of another version of Flue. Upgrade cdk-flue, and try again.' : 'Start the server of each shard once, and try again.');
    }
    const problems: string[] = [];
    for (const schema of schemas) {
      const [state] = await this.connection.rows<{ unsettled: number; deletions: number; unreadable: number }>(stateOf(schema));
      const clauses = [
        state.unsettled > 0 ? `${state.unsettled} prompts that are not settled: start its server again until they are` : '',
        state.deletions > 0 ? `${state.deletions} sessions that are being deleted: start its server again until they are gone` : '',
        state.unreadable > 0 ? `${state.unreadable} rows whose key this command cannot read` : '',
      ];
      problems.push(...clauses.filter(Boolean).map(clause => `${schema} has ${clause}`));
    }
    return problems;
  }

  private async notEmpty(schemas: readonly string[]): Promise<string[]> {
    const tables = await this.connection.rows<{ schema: string; table: string }>(tablesIn(schemas));
    const problems: string[] = [];
    for (const { schema, table } of tables.filter(({ table: name }) => MOVED.includes(name))) {
      const [{ rows }] = await this.connection.rows<{ rows: number }>(rowsOf(schema, table));
      problems.push(...rows > 0 ? [`${schema} is not empty: ${rows} rows in ${table}`] : []);
    }
    return problems;
  }

  private async moves(fleet: Fleet, shards: number): Promise<{ readonly source: number; readonly shard: number; readonly sessions: number }[]> {
    const found = [];
    for (const [source, schema] of fleet.schemas.entries()) {
      const rows = await this.connection.rows<{ shard: number; sessions: number }>(sharesOf(schema, fleet, shards));
      found.push(...rows.map(row => ({ source, ...row })));
    }
    return found;
  }

  private async move(fleet: Fleet, target: Fleet, further: readonly string[]): Promise<void> {
    const shards = target.schemas.length;
    const half = Math.min(shards, fleet.schemas.length);
    const grows = shards > half;
    const columns = (await this.connection.rows<{ column: string }>(columnsOf(fleet.schemas[0]))).map(({ column }) => column);
    for (const [index, schema] of further.entries()) {
      const home = fleet.schemas[index];
      const [from, to, shard] = grows ? [home, schema, index + half] : [schema, home, index];
      await this.all([
        ...grows ? [...makeSchema(schema), ...makeTables(home, schema)] : [],
        ...move({ from, to, shard, fleet, shards, columns }),
        // a schema without a shard belongs to nobody, until it gets one again
        comment(schema, grows ? commentOf(target) : undefined),
        comment(home, commentOf(target)),
      ]);
      this.say(`  ${index + 1} of ${further.length}: ${from} to ${to}`);
    }
  }

  /** Reads everything once more, before it counts. */
  private async verify(target: Fleet, conversations: number): Promise<void> {
    const moves = await this.moves(target, target.schemas.length);
    const strays = moves.filter(({ source, shard }) => source !== shard);
    const found = moves.reduce((sum, { sessions }) => sum + sessions, 0);
    if (strays.length > 0 || found !== conversations) {
      throw new Error(`${found} of ${conversations} conversations were found, and those of ${strays.length} shards in the wrong schema: nothing was changed`);
    }
  }

  private async all(statements: readonly string[]): Promise<void> {
    for (const statement of statements) {
      await this.connection.rows(statement);
    }
  }
}

function readComment(text: string): { readonly name: string; readonly key: string; readonly shards: number } {
  const [, name = text, key = '', shards = '0'] = /^cdk-flue fleet ([^:]*): (\w+) of (\d+)$/.exec(text) ?? [];
  return { name, key, shards: Number(shards) };
}

function bySuffix(schemas: readonly string[]): string[] {
  const number = (schema: string) => Number(/\d+$/.exec(schema)?.[0]);
  return [...schemas].sort((a, b) => number(a) - number(b));
}

/** The schemas of a fleet have one name, and the number of the shard behind it. */
function schemaOf({ schemas: [first] }: Pick<Fleet, 'schemas'>, shard: number): string {
  return `${first.replace(/\d+$/, '')}${shard}`;
}

function schemasFrom(fleet: Fleet, first: number, end: number): string[] {
  return Array.from({ length: end - first }, (_, index) => schemaOf(fleet, first + index));
}

function summary({ inTheWay, conversations, moved, to, done }: Outcome, { dryRun }: ReshardOptions): string {
  const count = `${moved} of ${conversations} conversations`;
  return inTheWay.length > 0 ? `Nothing was changed. In the way:\n${inTheWay.map(problem => `  ${problem}.\n`).join('')}`
    : done ? `${count} moved. Deploy the service with \`shards: ${to}\` now: until then, no server of it starts.\n`
      : dryRun ? `${count} would move. Nothing was changed.\n` : '';
}
