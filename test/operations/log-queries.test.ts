import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { FlueEc2Service, FlueExpressService, FlueFargateService, type FlueService } from '../../src';
import { BOOT_FAILURES, FAILED_PROMPTS, LOG_SEARCHES, queryOf, slowPrompts, UNHANDLED_REJECTIONS, type LogSearch } from '../../src/operations/log-queries';
import { imageOf, refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

const VARIANTS: [string, (scope: Construct) => FlueService][] = [
  ['Fargate', scope => new FlueFargateService(scope, 'Agents', { image: imageOf(scope) })],
  ['Express', scope => new FlueExpressService(scope, 'Agents', { image: imageOf(scope) })],
  ['EC2', scope => new FlueEc2Service(scope, 'Agents', { image: imageOf(scope) })],
];

describe.each(VARIANTS)('queries of %s', (_, serve) => {
  test('maximal queries', () => {
    const stack = new Stack(new App(), 'Test');
    serve(stack).addLogQueries({ slowPrompt: Duration.minutes(1) });
    expectTemplateSnapshot(Template.fromStack(stack));
  });

  test('are saved on the log group of the server, in a folder of its own', () => {
    const stack = new Stack(new App(), 'Test');
    const service = serve(new Construct(stack, 'Shop'));
    const queries = service.addLogQueries();
    const definitions = Object.values(Template.fromStack(stack).findResources('AWS::Logs::QueryDefinition')).map(({ Properties }) => Properties);
    expect(definitions).toHaveLength(queries.length);
    expect(definitions.map(({ Name }) => Name)).toEqual([
      'Test/Shop/Agents/Boot failures', 'Test/Shop/Agents/Unhandled rejections', 'Test/Shop/Agents/Failed prompts', 'Test/Shop/Agents/Slow prompts',
    ]);
    for (const { LogGroupNames } of definitions) {
      expect(LogGroupNames).toEqual([stack.resolve(service.logGroup.logGroupName)]);
    }
    for (const { QueryString: query } of definitions.slice(0, LOG_SEARCHES.length)) {
      expect(query).toMatch(/^fields @timestamp, @logStream, @message\n\| filter @message like \/.+\/\n\| sort @timestamp desc\n\| limit 200$/);
    }
  });

  test('show prompts from 30 s on, or from what is asked for', () => {
    const queryOfSlowPrompts = (slowPrompt?: Duration): string => {
      const stack = new Stack();
      serve(stack).addLogQueries({ slowPrompt });
      const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::Logs::QueryDefinition', { Properties: { Name: Match.stringLikeRegexp('Slow') } }));
      return Properties.QueryString;
    };
    expect(queryOfSlowPrompts().split('\n')).toEqual([
      'fields @timestamp, durationMs, instanceId, session, isError',
      '| filter type = "operation"',
      '| filter operationKind = "prompt"',
      '| filter durationMs >= 30000',
      '| sort durationMs desc',
      '| limit 200',
    ]);
    expect(queryOfSlowPrompts(Duration.minutes(2))).toContain('| filter durationMs >= 120000\n');
    expect(queryOfSlowPrompts(Duration.millis(0))).toContain('| filter durationMs >= 0\n');
  });

  test('are saved on request only, and once', () => {
    const stack = new Stack(new App(), 'Test');
    const service = serve(stack);
    Template.fromStack(stack).resourceCountIs('AWS::Logs::QueryDefinition', 0);
    const other = serve(new Stack(new App(), 'Other'));
    other.addLogQueries();
    expect(refusalOf(() => other.addLogQueries())).toContain('`addLogQueries()` must be called once, got: a second call. Use what the first call returned');
    expect(service.node.tryFindChild('LogQueries')).toBeUndefined();
  });
});

/** Lines that servers wrote; of what spans several lines, the one that is looked for. */
const LINES: [LogSearch | undefined, string][] = [
  [BOOT_FAILURES, 'Error: [flue] Failed to initialize persistence from db.ts: connect ECONNREFUSED 127.0.0.1:1'],
  [BOOT_FAILURES, 'Node.js v20.20.2 is not supported by Flue. Flue requires Node.js >=22.18'],
  [BOOT_FAILURES, 'Error: listen EADDRINUSE: address already in use :::8080'],
  [BOOT_FAILURES, 'flue: ANTHROPIC_API_KEY cannot be read'],
  [UNHANDLED_REJECTIONS, '(node:4057) UnhandledPromiseRejectionWarning: Error: boom'],
  [UNHANDLED_REJECTIONS, '      throw er; // Unhandled \'error\' event'],
  [UNHANDLED_REJECTIONS, 'Node.js v22.23.3'],
  [FAILED_PROMPTS, '[flue:submission-processing] {'],
  [FAILED_PROMPTS, '[flue:submission-reconciliation] {'],
  [FAILED_PROMPTS, '[flue:shutdown] 1 submission(s) did not settle within 30000ms and will be reclaimed on next startup: ['],
  [FAILED_PROMPTS, '[flue:claim-loop] Error in claim pass, retrying: Error: write CONNECTION_ENDED localhost:5432'],
  [FAILED_PROMPTS, '[flue:lease-heartbeat] Failed to renew leases: Error: Producer ownership is stale.'],
  [undefined, '[flue] Server listening on http://localhost:18080'],
  [undefined, '[flue] Agents: assistant'],
  [undefined, '[flue] Received SIGTERM, shutting down...'],
  [undefined, '[flue] Stopped.'],
  [undefined, '(node:4057) ExperimentalWarning: SQLite is an experimental feature and might change at any time'],
  [undefined, '[agents] Persistence: PostgreSQL, from DATABASE_URL.'],
];

test.each(LINES)('%#: a line is found by its query', (search, line) => {
  const finding = LOG_SEARCHES.filter(candidate => {
    const [statement] = queryOf(candidate).filterStatements;
    return new RegExp(/^@message like \/(.+)\/$/.exec(statement)![1]).test(line);
  });
  expect(finding).toEqual(search ? expect.arrayContaining([search]) : []);
});

test('no pattern ends the expression that it stands in', () => {
  for (const pattern of LOG_SEARCHES.flatMap(({ patterns }) => patterns)) {
    expect(pattern).not.toMatch(/(^|[^\\])\//);
  }
});

/** What the example's server writes of an operation, on Flue 0.10.2. */
const OPERATION = { type: 'operation', operationKind: 'prompt', durationMs: 31_204, isError: false, instanceId: 'timed', session: 'default' };

test.each([
  [true, OPERATION],
  [true, { ...OPERATION, durationMs: 30_000, isError: true }],
  [false, { ...OPERATION, durationMs: 29_999 }],
  [false, { ...OPERATION, operationKind: 'shell' }],
  [false, { ...OPERATION, type: 'operation_start' }],
])('%p: an operation is a slow prompt', (isSlow, line) => {
  const query = slowPrompts();
  expect(query.filterStatements.every(statement => holds(statement, line))).toBe(isSlow);
  expect(Object.keys(line)).toEqual(expect.arrayContaining(query.fields.filter(field => !field.startsWith('@'))));
});

/** Logs Insights on one line of JSON, as far as the query goes. */
function holds(statement: string, line: Readonly<Record<string, unknown>>): boolean {
  const [, field, operator, value] = /^(\w+) (=|>=) (.+)$/.exec(statement)!;
  return operator === '=' ? line[field] === JSON.parse(value) : Number(line[field]) >= Number(value);
}
