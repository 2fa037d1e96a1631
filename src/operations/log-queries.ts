import { Duration, Stack } from 'aws-cdk-lib';
import { QueryDefinition, QueryString, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { requireWithin } from '../invariants/limits/guard';
import { LOG_LIMITS } from '../invariants/limits/logs';
import { settled } from '../invariants/unknown';

/** Lines that a query shows at most. */
const LIMIT = 200;
/** A prompt of one turn takes seconds; half a minute is a model that is slow, or an agent that goes on and on. */
const DEFAULT_SLOW_PROMPT = Duration.seconds(30);

/**
 * Options of the saved queries of a service.
 */
export interface FlueLogQueriesOptions {
  /**
   * The least duration of a prompt that the query `Slow prompts` shows.
   *
   * Throws for a duration that is no number, or known only at deployment.
   *
   * @default Duration.seconds(30)
   */
  readonly slowPrompt?: Duration;
}

/**
 * What a query looks for, by the lines that Flue and Node.js write: each line is an event of its own, so that a query finds the
 * first line of what was printed over several.
 *
 * Read in @flue/runtime 0.10.2, 2.0.3 and 2.1.0, and, where it says measured, seen on 0.10.2 with Node.js 22.23.
 */
export interface LogSearch {
  readonly id: string;
  readonly name: string;
  readonly patterns: readonly string[];
}

/** Processes that ended before they listened. */
export const BOOT_FAILURES: LogSearch = {
  id: 'BootFailures',
  name: 'Boot failures',
  patterns: [
    // measured: no Postgres, no certificate, no permission; 2.x writes the same with the file's name
    'Failed to initialize persistence',
    // measured: too old a Node.js
    'is not supported by Flue',
    'EADDRINUSE',
    'ERR_MODULE_NOT_FOUND',
    // the scripts of a box, such as a secret that cannot be read
    '^flue: ',
  ],
};

/** Errors that no code caught. On Flue up to 1.x the process goes on; otherwise Node.js ends it. */
export const UNHANDLED_REJECTIONS: LogSearch = {
  id: 'UnhandledRejections',
  name: 'Unhandled rejections',
  patterns: [
    // measured, with --unhandled-rejections=warn
    'UnhandledPromiseRejectionWarning',
    // measured: an `error` event without a listener, such as that of a pool whose Postgres restarts
    'Unhandled \'error\' event',
    // measured: the last line of Node.js after every exception that ends it
    '^Node\\.js v\\d+',
  ],
};

/** Prompts that failed, were interrupted, or will be late because another attempt has to begin. */
export const FAILED_PROMPTS: LogSearch = {
  id: 'FailedPrompts',
  name: 'Failed prompts',
  patterns: [
    '\\[flue:(submission-[a-z]+|claim-loop|lease-heartbeat|shutdown)\\]',
    // measured on 2.0.3: two live processes on one schema
    'Producer ownership is stale',
    'conversation_stream_store_failure',
  ],
};

export const LOG_SEARCHES: readonly LogSearch[] = [BOOT_FAILURES, UNHANDLED_REJECTIONS, FAILED_PROMPTS];

/** The name under which the query of slow prompts is saved. */
export const SLOW_PROMPTS = { id: 'SlowPrompts', name: 'Slow prompts' };

/** Clauses of a query. */
export interface LogQuery {
  readonly fields: string[];
  readonly filterStatements: string[];
  readonly sort: string;
  readonly limit: number;
}

/**
 * A query that shows the slowest prompts first.
 *
 * Flue logs no durations. It exposes durations through `observe()`, so the app writes each event `operation` as a line of JSON.
 * Logs Insights finds the fields in it.
 */
export function slowPrompts(threshold: Duration = DEFAULT_SLOW_PROMPT): LogQuery {
  const milliseconds = Math.round(threshold.toMilliseconds({ integral: false }));
  return {
    fields: ['@timestamp', 'durationMs', 'instanceId', 'session', 'isError'],
    filterStatements: ['type = "operation"', 'operationKind = "prompt"', `durationMs >= ${milliseconds}`],
    sort: 'durationMs desc',
    limit: LIMIT,
  };
}

/** A query that shows what searches find, the newest first. */
export function queryOf(...searches: LogSearch[]): LogQuery {
  return {
    fields: ['@timestamp', '@logStream', '@message'],
    filterStatements: [`@message like /${searches.flatMap(({ patterns }) => patterns).join('|')}/`],
    sort: '@timestamp desc',
    limit: LIMIT,
  };
}

/** The saved queries of a service. */
export class FlueLogQueries extends Construct {
  public readonly queries: QueryDefinition[];

  public constructor(scope: Construct, id: string, logGroups: ILogGroup[], options: FlueLogQueriesOptions = {}) {
    requireWithin(scope, options.slowPrompt, LOG_LIMITS.slowPrompt);
    super(scope, id);
    options = settled(scope, options);
    const { stackName, node } = Stack.of(scope);
    // the console makes folders of the slashes
    const folder = `${stackName}/${scope.node.path.slice(node.path.length + 1)}`;
    const save = ({ id: queryId, name }: { id: string; name: string }, query: LogQuery): QueryDefinition => new QueryDefinition(this, queryId, {
      queryDefinitionName: `${folder}/${name}`,
      queryString: new QueryString(query),
      logGroups,
    });
    this.queries = [...LOG_SEARCHES.map(search => save(search, queryOf(search))), save(SLOW_PROMPTS, slowPrompts(options.slowPrompt))];
  }
}
