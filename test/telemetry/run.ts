import { setTimeout as sleep } from 'node:timers/promises';
import { flood } from './flood';
import { until } from './processes';
import { StandIn, type Embedded } from './stand-in';
import { Collector, Server, SERVICE_NAME, problemOf, task } from './world';
import { startModelServer, type ModelServer } from '../../src/cli/rehearse/model-server';

/**
 * Checks the task of a template with a real collector and a real Flue server: `run.ts TASK COLLECTOR APP`.
 *
 * It is run by run.sh, in a network that has nothing but a loopback.
 */

const DURATION = 'gen_ai.invoke_agent.duration';
const METRICS = ['gen_ai.client.operation.duration', 'gen_ai.client.token.usage', DURATION];
/** Those of CloudWatch that a metric of Flue can have. */
const UNITS = ['Seconds', 'Milliseconds', 'Bytes', 'Count', 'None'];
const PROMPT = 'planted-prompt-5d0c71';
const PROMPTS = 3;
/** What a slip of the pen would make of the configuration. */
const FAULTS = [
  ['dimension_rollup_option', 'dimension_rolup_option'],
  ['"batch/traces":{"timeout"', '"batch/traces":{"time_out"'],
  ['"exporters":["awsxray"]', '"exporters":["xray"]'],
];
/** Longer than the interval at which the server sends its metrics here. */
const INTERVAL_MS = 1300;
/** Flue's own bound for its end. */
const SHUTDOWN_MS = 60_000;
/** How long ECS waits for a container that says nothing else. */
const ECS_STOP_MS = 30_000;

let passed = 0;
let failed = 0;

/** Counts a check; `found` is what a failure prints. */
function check(name: string, holds: boolean, found: unknown = ''): void {
  if (holds) {
    passed++;
    console.log(`ok   ${name}`);
  } else {
    failed++;
    console.log(`FAIL ${name}\n${(typeof found === 'string' ? found : JSON.stringify(found, null, 1)).slice(0, 3000).replace(/^/gm, '     ')}`);
  }
}

function measured(what: string): void {
  console.log(`     ${what}`);
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function checkConfiguration(): void {
  const text = task.collector.environment.AOT_CONFIG_CONTENT;
  const problem = problemOf(text);
  check('the collector accepts the configuration', problem === '', problem);
  for (const [right, wrong] of FAULTS) {
    check(`and refuses ${wrong}`, text.includes(right) && problemOf(text.replace(right, wrong)) !== '', 'the planted fault was accepted');
  }
}

function checkContainer(collector: Collector): void {
  check('it listens for its own task alone', isEqual(collector.addresses(), ['127.0.0.1:4318']), collector.addresses());
  check('it works with a read-only root', collector.rootOptions().includes('ro'), collector.rootOptions());
  measured(`collector: ${collector.mebibytes('VmRSS').toFixed()} MiB at its start`);
}

function checkTraces(aws: StandIn): void {
  const names = ['invoke_agent Assistant', 'chat echo'];
  const found = aws.segments.map(({ name, annotations }) => ({ name, annotations }));
  check('spans of the run arrive as segments', names.every(name => found.filter(it => it.name === name).length === PROMPTS), found);
  const annotated = aws.segments.filter(({ annotations }) => annotations?.['otel.resource.service.name'] === SERVICE_NAME);
  check('X-Ray can search each run by the name of the template', annotated.length === PROMPTS, found);
}

/** How often a metric was recorded, were CloudWatch to add up what arrived. */
function total(lines: readonly Embedded[], metric: string): number {
  return lines.reduce((sum, { fields }) => sum + (fields[metric]?.Count ?? 0), 0);
}

function checkMetrics(aws: StandIn): void {
  const lines = aws.embedded;
  const directives = lines.flatMap(line => line.directives);
  check('metrics of the run arrive', METRICS.every(name => total(lines, name) > 0), lines);
  const group = task.logGroups.find(name => name.includes('TelemetryMetrics'));
  check('they are in the log group of the template', lines.length > 0 && lines.every(({ logGroup }) => logGroup === group), lines);
  check('they are in the namespace Flue', directives.length > 0 && directives.every(({ Namespace }) => Namespace === 'Flue'), directives);
  check('each has one set of dimensions', directives.every(({ Dimensions }) => Dimensions.length === 1), directives);
  const names = directives.map(({ Dimensions }) => Dimensions.flat());
  const carriesName = names.every(it => it.includes('service.name')) && lines.every(({ fields }) => fields['service.name'] === SERVICE_NAME);
  check('the name of the template is one of them', carriesName, lines);
  check('nothing that changes with each process is one', names.flat().every(name => !/instance|process|host\./.test(name)), names);
  const units = directives.flatMap(({ Metrics }) => Metrics.map(({ Unit = 'None' }) => Unit));
  check('CloudWatch knows their units', units.every(unit => UNITS.includes(unit)), units);
  const sum = total(lines, DURATION);
  check('what CloudWatch adds up is what happened', sum === PROMPTS, `${PROMPTS} prompts, and ${sum} in CloudWatch`);
}

async function watchedRuns(aws: StandIn, model: ModelServer): Promise<void> {
  const collector = await Collector.start(aws);
  checkContainer(collector);
  const server = await Server.start(model);
  for (let run = 1; run < PROMPTS; run++) {
    check(`run ${run} is answered`, await server.answers(`run-${run}`, `${PROMPT}-${run}`), server.process.output);
    await sleep(INTERVAL_MS);
  }
  check('spans arrive while the server runs', await until(() => aws.segments.length > 0), collector.process.output);
  check('the last run is answered', await server.answers(`run-${PROMPTS}`, `${PROMPT}-${PROMPTS}`), server.process.output);
  const end = await server.process.stop();
  check('the server ends on SIGTERM by itself', end.code === 143, server.process.output);
  measured(`server: ended in ${end.milliseconds} ms`);
  measured(`collector: ${collector.mebibytes('VmHWM').toFixed()} MiB at most, with ${PROMPTS} runs`);
  const collectorEnd = await collector.process.stop();
  check('the collector ends in its time', collectorEnd.code === 0 && collectorEnd.milliseconds < ECS_STOP_MS, collector.process.output);
  measured(`collector: ended in ${collectorEnd.milliseconds} ms`);
  checkTraces(aws);
  checkMetrics(aws);
  check('the role allows every call, and AWS would refuse none', aws.refused.length === 0, aws.refused);
  const unused = task.statements.flatMap(({ actions }) => actions).filter(action => !aws.calls.includes(action));
  check('it makes every call that the role allows', unused.length === 0, unused);
  measured(`calls: ${[...new Set(aws.calls)].sort().join(', ')}`);
}

/** What the documents say of prompts has to stay true. */
async function content(aws: StandIn, model: ModelServer): Promise<void> {
  check('prompts are in the traces of an app that says nothing of them', JSON.stringify(aws.segments).includes(PROMPT));
  const collector = await Collector.start(aws);
  const server = await Server.start(model, { KEEP_CONTENT_OUT: 'true' });
  aws.segments.length = 0;
  await server.answers('quiet', PROMPT);
  await server.process.stop();
  check('spans arrive without them', await until(() => aws.segments.length === 2), aws.segments);
  check('and hold none of them with `content: false`', !JSON.stringify(aws.segments).includes(PROMPT), aws.segments);
  await collector.process.stop();
}

async function outages(aws: StandIn, model: ModelServer): Promise<void> {
  const gone = await Collector.start(aws);
  const server = await Server.start(model);
  await gone.kill();
  const isAlone = !gone.process.isRunning && !task.collector.essential;
  check('the end of the collector does not end the server', isAlone && await server.isHealthy(), server.process.output);
  check('it answers on without one', await server.answers('alone', PROMPT), server.process.output);
  const end = await server.process.stop();
  check('it ends in its time without one', end.code === 143 && end.milliseconds < SHUTDOWN_MS, { ...end, output: server.process.output });
  measured(`server: ended in ${end.milliseconds} ms, its collector gone`);

  const frozen = await Collector.start(aws);
  const patient = await Server.start(model);
  frozen.signal('SIGSTOP');
  check('it answers while the collector hangs', await patient.answers('frozen', PROMPT), patient.process.output);
  const late = await patient.process.stop();
  const isInTime = late.code === 143 && late.milliseconds < SHUTDOWN_MS;
  check('it ends in its time while the collector hangs', isInTime, { ...late, output: patient.process.output });
  measured(`server: ended in ${late.milliseconds} ms, its collector hanging`);
  await frozen.kill();
}

async function memory(aws: StandIn): Promise<void> {
  const collector = await Collector.start(aws);
  aws.silent = true;
  const answers = await flood(20);
  const lives = collector.process.isRunning;
  const peak = lives ? collector.mebibytes('VmHWM') : Infinity;
  check('it stays within its memory while X-Ray answers nothing', peak < task.collector.memoryMiB, lives ? `${peak} MiB` : 'it was killed');
  measured(`collector: ${peak.toFixed()} MiB at most, of ${task.collector.memoryMiB}; answers: ${JSON.stringify(answers)}`);
  check('and refuses what it cannot hold', answers['503'] > 0, answers);
  if (lives) { await collector.kill(); }
}

async function main(): Promise<void> {
  checkConfiguration();
  const aws = new StandIn(task);
  await aws.listen();
  const model = await startModelServer();
  await watchedRuns(aws, model);
  await content(aws, model);
  await outages(aws, model);
  await memory(aws);
}

main().catch(error => check('the test runs to its end', false, error.stack)).finally(() => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
});
