import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { sendThroughDoor, type DoorRun } from './door';
import { FifoQueue, recordOf, type HideInput, type SendInput } from './fifo-queue';
import { FlueFargateService, FlueImage } from '../../../src';
import type { Database } from '../../../src/cli/rehearse/postgres/database';
import { findPostgres, startPostgres } from '../../../src/cli/rehearse/postgres/embedded';
import { freePort } from '../../../src/cli/rehearse/runtime/port';
import { COMPILED, SERVER } from '../../support/built-server';
import '../../support/only-synthesize.cjs';

/**
 * Sends 500 events through the function of an inbox to a real Flue 0.10 server on Postgres, while that is replaced, killed and away.
 *
 * The function is the one that the construct deploys, with the variables of the synthesized template. SQS is a stand-in, whose clock runs
 * ten times as fast as that of the wall. What happened is read from the server's own history.
 *
 * With the directory of a built app on Flue 2 as its argument, whose `db.ts` opens `sqlite(process.env.STATE_FILE)`, it asks for more: each
 * event exactly once, by its key.
 */

// the linter knows no module that has its name only with `node:`
const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
const AGENTS = join(__dirname, '..', '..', '..', 'examples', 'agents');
const FLUE_2 = process.argv[2] && resolve(process.argv[2]);
const HANDLER = join(__dirname, '..', '..', '..', 'assets', 'events', 'deliver.js');
const TOKEN = 'inbox-token-7c1e';
const CONVERSATIONS = 25;
const EVENTS = 500;
const CONCURRENCY = 10;
const FASTER = 10;
/** How long the server is away, on the clock of the queue. */
const AWAY_SECONDS = 195;
const LIMIT_MS = 140_000;
const DRAIN_MS = 9000;

let failed = 0;
function check(name: string, problem: string | undefined): void {
  console.log(problem === undefined ? `ok   ${name}` : `FAIL ${name}\n     ${problem}`);
  failed += problem === undefined ? 0 : 1;
}

const started = Date.now();
const now = () => started + (Date.now() - started) * FASTER;

/** What the template says of the function and its queue. */
function synthesized(): { readonly environment: { [name: string]: string }; readonly visibilitySeconds: number; readonly concurrency: number } {
  const stack = new Stack(new App(), 'Stack');
  const service = new FlueFargateService(stack, 'Agents', { image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { flueMajor: FLUE_2 === undefined ? 0 : 2 }) });
  service.addInbox({ maxConcurrency: CONCURRENCY });
  const template = Template.fromStack(stack);
  const [delivery] = Object.values(template.findResources('AWS::Lambda::Function', { Properties: { Handler: 'deliver.handler' } }));
  const [queue] = Object.values(template.findResources('AWS::SQS::Queue')).filter(({ Properties }) => Properties.RedrivePolicy);
  const [source] = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'));
  return {
    environment: delivery.Properties.Environment.Variables,
    visibilitySeconds: queue.Properties.VisibilityTimeout,
    concurrency: source.Properties.ScalingConfig.MaximumConcurrency,
  };
}

/** The server, which can be ended and started again. */
class Server {
  private child?: ChildProcess;
  private log = '';

  public constructor(private readonly port: number, private readonly environment: { [name: string]: string }) {}

  public async start(): Promise<void> {
    const node = join(AGENTS, 'node_modules', 'node', 'bin', 'node');
    this.child = spawn(node, [SERVER], {
      cwd: FLUE_2 ?? AGENTS, env: { PATH: process.env.PATH, ...COMPILED, ...this.environment, PORT: `${this.port}`, API_TOKEN: TOKEN }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    [this.child.stdout!, this.child.stderr!].forEach(stream => stream.setEncoding('utf8').on('data', text => this.log += text));
    for (let attempt = 0; attempt < 300; attempt++) {
      if ((await fetch(`http://127.0.0.1:${this.port}/health`).catch(() => undefined))?.ok) {
        return;
      }
      await sleep(100);
    }
    throw new Error(`the server does not start:\n${this.log}`);
  }

  public async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ended = once(this.child!, 'close');
    this.child!.kill(signal);
    // as ECS does: what SIGTERM does not end is killed
    const killer = setTimeout(() => this.child!.kill('SIGKILL'), 9000);
    await ended;
    clearTimeout(killer);
  }
}

/** What was said in each conversation, in the order in which Flue 2 has stored it. */
function submissions(file: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const rows = new DatabaseSync(file).prepare('SELECT * FROM flue_agent_submissions ORDER BY sequence').all();
  for (const row of rows) {
    // other columns hold ids of chance, which may look like one
    const [id] = /(?<=[^a-z0-9])c\d+(?=[^a-z0-9])/.exec(JSON.stringify(row.session_key)) ?? [String(row.session_key)];
    found.set(id, [...found.get(id) ?? [], JSON.stringify(row)]);
  }
  return found;
}

interface Entry { readonly message?: { readonly role: string; readonly content: { readonly text?: string }[] } }

/** What was said in each conversation, in the order of the server's history. */
async function histories(manifest: string, { name, url }: Database): Promise<Map<string, string[]>> {
  const { Client } = createRequire(manifest)('pg');
  const { port, username, password } = new URL(url);
  const client = new Client({
    host: 'localhost', port: Number(port), user: username, password: decodeURIComponent(password), database: name, ssl: { rejectUnauthorized: false },
  });
  await client.connect();
  const { rows } = await client.query('SELECT id, data FROM flue_sessions') as { readonly rows: { readonly id: string; readonly data: string }[] };
  await client.end();
  return new Map(rows.map(({ id, data }) => {
    const { entries } = JSON.parse(data) as { entries: Entry[] };
    const said = entries.filter(({ message }) => message?.role === 'user').map(({ message }) => message!.content.map(({ text = '' }) => text).join(''));
    return [/"([^"]+)"/.exec(id)![1], said];
  }));
}

async function main(): Promise<void> {
  const manifest = findPostgres([AGENTS]);
  const postgres = FLUE_2 === undefined ? await startPostgres(manifest, 'localhost') : undefined;
  const models = spawn(join(AGENTS, 'node_modules', 'node', 'bin', 'node'), ['test/support/echo-model.ts'], { cwd: AGENTS, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  models.stdout.setEncoding('utf8').on('data', text => printed += text);
  while (!printed.includes('MODEL_SPECIFIER')) {
    await sleep(50);
  }
  const model = Object.fromEntries([...printed.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
  const port = await freePort();
  const stateFolder = mkdtempSync(join(tmpdir(), 'cdk-flue-events-'));
  process.once('exit', () => rmSync(stateFolder, { recursive: true, force: true }));
  const stateFile = join(stateFolder, 'state.db');
  const store = { ...postgres ? { DATABASE_URL: postgres.url, NODE_EXTRA_CA_CERTS: postgres.caFile } : { STATE_FILE: stateFile } };
  const server = new Server(port, { ...model, ...store });
  await server.start();

  const { environment, visibilitySeconds, concurrency } = synthesized();
  const queue = new FifoQueue(visibilitySeconds * 1000, now);
  const dead = new FifoQueue(visibilitySeconds * 1000, now);
  const lines: { event: string; key: string; reason?: string }[] = [];
  const { makeHandler } = await import(HANDLER);
  const handlerFor = (serverPort: number) => makeHandler(
    { ...environment, SERVER_URL: `http://127.0.0.1:${serverPort}`, QUEUE_URL: 'queue', DEAD_LETTER_QUEUE_URL: 'dead', CREDENTIAL_ARN: 'token' },
    {
      hide: async (input: HideInput) => queue.hide(input.ReceiptHandle, input.VisibilityTimeout),
      send: async (input: SendInput) => dead.send(input),
      secret: async () => TOKEN,
    },
    now, (line: { event: string; key: string }) => lines.push(line),
  ) as (event: object) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;
  const handler = handlerFor(port);
  // as a load balancer answers while its one target is drained
  const noTarget = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
  await once(noTarget, 'listening');
  const turnedAway = handlerFor((noTarget.address() as AddressInfo).port);

  const sendEvent = (number: number) => queue.send({
    MessageBody: JSON.stringify({
      agent: 'assistant', conversation: `c${number % CONVERSATIONS}`, message: `${number % 7 === 0 ? 'slow: ' : ''}event ${number} of many words`,
    }),
    MessageGroupId: `assistant/c${number % CONVERSATIONS}`,
    MessageDeduplicationId: `event-${number}`,
  });
  let doors: DoorRun | undefined;
  const sending = (async () => {
    for (let number = 0; number < EVENTS; number++) {
      sendEvent(number);
      // a producer that repeats itself is heard once
      if (number % 10 === 0) sendEvent(number);
      await sleep(40);
    }
    doors = await sendThroughDoor(queue);
    for (const [index, body] of ['{', '{"agent":"nobody","conversation":"p","message":"x"}', '{"workflow":"nothing"}'].entries()) {
      queue.send({ MessageBody: body, MessageGroupId: `poison/${index}`, MessageDeduplicationId: `poison-${index}` });
    }
  })();

  let open = true;
  let drained = false;
  let atOnce = 0;
  let most = 0;
  const workers = Array.from({ length: concurrency }, async () => {
    while (open) {
      const message = queue.receive();
      if (!message) {
        await sleep(20);
        continue;
      }
      const reaches = !drained;
      most = Math.max(most, atOnce += reaches ? 1 : 0);
      const { batchItemFailures } = await (reaches ? handler : turnedAway)({ Records: [recordOf(message)] });
      atOnce -= reaches ? 1 : 0;
      if (batchItemFailures.length === 0) {
        queue.delete(message.messageId);
      }
    }
  });

  const faults: { readonly name: string; readonly inFlight: number }[] = [];
  const fault = async (name: string, signal: 'SIGTERM' | 'SIGKILL', awaySeconds: number) => {
    // ECS has the load balancer drain a server before SIGTERM
    drained = signal === 'SIGTERM';
    for (const until = Date.now() + DRAIN_MS; drained && atOnce > 0 && Date.now() < until;) {
      await sleep(20);
    }
    // the kill is to meet an event
    for (const until = Date.now() + 5000; signal === 'SIGKILL' && atOnce === 0 && Date.now() < until;) {
      await sleep(1);
    }
    faults.push({ name, inFlight: atOnce });
    await server.end(signal);
    await sleep(awaySeconds * 1000 / FASTER);
    await server.start();
    drained = false;
  };
  await sleep(4000);
  await fault('replaced', 'SIGTERM', 60);
  await sleep(4000);
  await fault('killed', 'SIGKILL', 30);
  await sleep(4000);
  await fault(`away for ${AWAY_SECONDS} s`, 'SIGKILL', AWAY_SECONDS);
  await sending;
  while (queue.messages.length > 0 && Date.now() - started < LIMIT_MS) {
    await sleep(100);
  }
  open = false;
  await Promise.all(workers);

  const said = postgres ? await histories(manifest, postgres) : submissions(stateFile);
  const found = new Map([...said].map(([id, texts]) => [id, texts.flatMap(text => /event (\d+)/.exec(text)?.slice(1).map(Number) ?? [])]));

  const heard = [...found].flatMap(([, numbers]) => numbers);
  const count = (number: number) => heard.filter(other => other === number).length;
  const all = Array.from({ length: EVENTS }, (_, number) => number);
  const unknown = dead.messages.filter(({ attributes }) => attributes.Reason.StringValue.startsWith('outcome unknown'));
  const asked = new Set(unknown.map(({ attributes }) => Number(attributes.Key.StringValue.replace('event-', ''))));
  const listed = (numbers: number[]) => numbers.length > 0 ? `${numbers.length}: ${numbers.slice(0, 20).join(', ')}` : undefined;

  check('the queue is empty', queue.messages.length > 0 ? `${queue.messages.length} wait` : undefined);
  check('no event is missing: each is in the history, or listed as one whose outcome is unknown', listed(all.filter(number => count(number) === 0 && !asked.has(number))));
  check('no event is in the history twice', listed(all.filter(number => count(number) > 1)));
  check('each conversation has its events in their order', [...found].filter(([, numbers]) => numbers.some((number, index) => number < (numbers[index - 1] ?? -1)))
    .map(([id, numbers]) => `${id}: ${numbers}`).join('\n') || undefined);
  if (FLUE_2 !== undefined) {
    check('each event is there exactly once', listed(all.filter(number => count(number) !== 1)));
    check('no outcome is unknown', listed([...asked]));
  }
  check('what was in flight at a fault is listed, and no more than that', asked.size > faults.reduce((sum, { inFlight }) => sum + inFlight, 0) + faults.length * concurrency
    ? `${asked.size} are listed` : undefined);
  check('some were in flight, so that the check above can fail', faults.some(({ inFlight }) => inFlight > 0) && (FLUE_2 !== undefined || asked.size > 0) ? undefined : JSON.stringify(faults));
  const poison = dead.messages.filter(({ group }) => group.startsWith('poison/')).map(({ attributes }) => attributes.Reason.StringValue);
  const reasons = poison.map(reason => reason.split(':')[0]).sort().join();
  check('poison is in the dead letters, with its reason', /^404,(404|no event),no event$/.test(reasons) ? undefined : JSON.stringify(poison));
  check('nothing else is in the dead letters', dead.messages.length === asked.size + poison.length ? undefined
    : JSON.stringify(dead.messages.map(({ attributes }) => attributes.Reason.StringValue)));
  const { sent, heard: marks, unheard } = doors!;
  const timesSaid = (mark: string) => [...said.values()].flat().filter(text => text.includes(mark)).length;
  check('the door answers each webhook as it should', sent.filter(({ status, expected }) => status !== expected).map(({ name, status, expected }) => `${name}: ${status}, not ${expected}`).join('\n') || undefined);
  check('the door answers the challenge of Slack', sent.some(({ answer }) => answer === '{"challenge":"hook-challenge-end"}') ? undefined : 'no answer has it');
  check('what is signed reaches the server, once although it comes twice', marks.filter(mark => timesSaid(mark) !== 1).map(mark => `${mark}: ${timesSaid(mark)} times`).join('\n') || undefined);
  check('what is forged, old or of a megabyte does not', unheard.filter(mark => timesSaid(mark) > 0).join('\n') || undefined);
  check('events waited while the server was away', lines.some(({ event }) => event === 'later') ? undefined : 'none did');
  const later = lines.filter(({ event }) => event === 'later').length;
  const during = faults.map(({ name, inFlight }) => `${inFlight} when it was ${name}`).join(', ');
  const inHistory = [...asked].filter(number => count(number) > 0).length;
  console.log(`     ${EVENTS} events in ${((Date.now() - started) / 1000).toFixed(0)} s, ${most} at once; ${later} attempts were put off; `
    + `in flight: ${during}; outcome unknown: ${asked.size}, of which ${inHistory} are in the history`);
  noTarget.close();
  await server.end('SIGKILL');
  models.kill();
  await postgres?.close();
}

// a hook of the package of Postgres ends with 0 whatever `process.exitCode` says
main().then(() => process.exit(failed > 0 ? 1 : 0), error => {
  console.error(error);
  process.exit(1);
});
