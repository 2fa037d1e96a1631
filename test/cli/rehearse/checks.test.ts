import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { planWith } from './support';
import { CliFailure } from '../../../src/cli/failure';
import type { Outcome } from '../../../src/cli/rehearse/checks/check';
import { judgeStream } from '../../../src/cli/rehearse/checks/connection';
import { DATABASE_URL_UNSET, DATABASE_URL_WRONG, OUTAGE } from '../../../src/cli/rehearse/checks/database';
import { SECRETS } from '../../../src/cli/rehearse/checks/secrets';
import { SIGTERM, SIGTERM_STREAM } from '../../../src/cli/rehearse/checks/shutdown';
import { DATABASE_USED, RESTART, WRITE } from '../../../src/cli/rehearse/checks/state';
import { MEMORY, READ_ONLY_ROOT, USER } from '../../../src/cli/rehearse/checks/task';
import { startModelServer } from '../../../src/cli/rehearse/model-server';
import { runChecks } from '../../../src/cli/rehearse/rehearsal';
import { SILENT } from '../../../src/cli/rehearse/report';
import { matches, type Session } from '../../../src/cli/rehearse/session';

/** A session of which a check sees what is given. */
const sessionWith = (parts: object): Session => ({
  plan: planWith(), failed: new Set(), secrets: {}, tail: () => 'the log', probe: () => undefined, kill: async () => undefined, runtime: {}, ...parts,
}) as unknown as Session;

const brief = ({ status, measured, reason }: Outcome) => `${status}: ${measured ?? reason}`;

describe('a stream', () => {
  const judge = (silence: number, plan: object = {}, isOpen = true) =>
    brief(judgeStream({ isOpen, openSeconds: 17, longestSilenceSeconds: silence }, { plan: planWith(plan), holdSeconds: 17 }));

  test.each([
    ['pass: open 17 s, silent for 15 s at most', judge(15.1)],
    ['fail: open 17 s, silent for 15 s at most', judge(15.1, { idleTimeoutSeconds: 15 })],
    ['pass: open and silent for 17 s; the longest run is 600 s', judge(17)],
    ['fail: open and silent for 17 s; the longest run is 600 s', judge(17, { idleTimeoutSeconds: 60 })],
    ['pass: open and silent for 17 s', judge(17, { longestRunSeconds: undefined })],
    ['fail: closed by the server after 17 s', judge(1, {}, false)],
  ])('%s', (expected, outcome) => expect(outcome).toBe(expected));
});

describe('the task', () => {
  const server = (inspection: object | undefined, more: object = {}) => ({ server: { startedAt: -1e6, inspect: async () => inspection, ...more } });

  test('has memory left, or not', async () => {
    expect(brief(await MEMORY.run(sessionWith(server({ residentMiB: 512 }))))).toBe('pass: 512 MiB at rest');
    expect(await MEMORY.run(sessionWith(server({ residentMiB: 600 })))).toMatchObject({ status: 'fail', fix: expect.stringContaining('`memoryLimitMiB` to 2048') });
    expect(brief(await MEMORY.run(sessionWith(server(undefined))))).toMatch('skip: this system');
    expect(MEMORY.skip!(sessionWith({ plan: planWith({ memoryMiB: undefined }) }))).toMatch('states no memory');
  });

  test('has a user, or not', async () => {
    expect(brief(await USER.run(sessionWith(server({ userIds: [1000] }))))).toBe('pass: user 1000');
    expect(brief(await USER.run(sessionWith(server({ userIds: [0, 5] }))))).toBe('fail: user 0 and 5');
    expect(brief(await USER.run(sessionWith(server({ userIds: [] }))))).toMatch('skip: this system');
    expect(brief(await USER.run(sessionWith({ runtime: { runsAsRoot: true } })))).toMatch('fail: ');
    expect(brief(await USER.run(sessionWith({ runtime: { userObstacle: 'why' } })))).toBe('skip: why');
  });

  test('has a read-only root, or not', async () => {
    const plan = planWith({ container: { ...planWith().container, readOnlyRoot: true } });
    expect(READ_ONLY_ROOT.skip!(sessionWith({}))).toMatch('does not ask');
    expect(READ_ONLY_ROOT.skip!(sessionWith({ plan }))).toMatch('pass --image');
    expect(brief(await READ_ONLY_ROOT.run(sessionWith(server(undefined, { writeToRoot: async () => 'EROFS' }))))).toMatch('pass: ');
    expect(brief(await READ_ONLY_ROOT.run(sessionWith(server(undefined, { writeToRoot: async () => 'EACCES' }))))).toMatch(/^fail: .*EACCES/);
  });
});

const stream = { status: 200, isOpen: true, close: () => undefined };

describe('SIGTERM', () => {
  test('has nothing to end', async () => {
    expect(brief(await SIGTERM.run(sessionWith({})))).toMatch('skip: ');
    expect(brief(await SIGTERM_STREAM.run(sessionWith({ ensureServer: async () => undefined })))).toMatch('skip: the server ');
    expect(brief(await SIGTERM_STREAM.run(sessionWith({ ensureServer: async () => ({}), stream: undefined, openStream: async () => ({ ...stream, status: 404 }) })))).toMatch(/^skip: .*`stream`/);
  });

  test('is not heard', async () => {
    const session = { ensureServer: async () => ({}), stream, terminate: async () => undefined };
    expect(brief(await SIGTERM_STREAM.run(sessionWith(session)))).toBe('fail: still runs after 2 s');
    expect(SIGTERM_STREAM.skip!(sessionWith({ probe: () => ({}), failed: new Set(['sigterm']) }))).toMatch('does not even end it');
  });
});

describe('state', () => {
  const database = (tables: number, plain: number) => ({ database: { name: 'flue', inspect: async () => ({ tables, plain }) } });

  test('is in the database, over TLS', async () => {
    expect(brief(await DATABASE_USED.run(sessionWith(database(9, 0))))).toBe('pass: 9 tables in flue');
    expect(brief(await DATABASE_USED.run(sessionWith(database(0, 0))))).toBe('fail: 0 tables in flue');
    expect(brief(await DATABASE_USED.run(sessionWith(database(9, 1))))).toBe('fail: 1 connections without TLS');
  });

  test('is not accepted', async () => {
    const probe = () => ({ method: 'POST', path: '/notes' });
    expect(brief(await WRITE.run(sessionWith({ probe, server: {}, write: async () => ({ status: 500, milliseconds: 20 }) })))).toBe('fail: POST /notes answers 500 after 0.02 s');
    expect(RESTART.skip!(sessionWith({ probe, failed: new Set(['write']) }))).toBe('no state was accepted');
  });

  test('is there after a restart, or lost', async () => {
    const again = (status: number, parts: object) => RESTART.run(sessionWith({ probe: () => ({ method: 'GET', path: '/n' }), boot: async () => ({ bound: 1 }), send: async () => ({ status }), ...parts }));
    expect(brief(await again(200, database(1, 0)))).toBe('pass: GET /n answers 200');
    expect(brief(await again(404, database(1, 0)))).toBe('fail: GET /n answers 404');
    expect(brief(await again(200, {}))).toBe('pass: GET /n answers 200: the state is kept');
    expect(brief(await again(200, { boot: async () => ({}) }))).toMatch('fail: the server ');
    expect(brief(await RESTART.run(sessionWith({})))).toMatch(/^skip: rehearse\.json .*`read`/);
  });
});

describe('the database', () => {
  const database = { url: 'postgresql://flue:good@localhost/flue', password: 'good', stop: async () => undefined, start: async () => undefined };
  const server = (hasExited: boolean, output = '', code: number | null = 1) => ({
    hasExited, output, startedAt: performance.now(), exited: hasExited ? Promise.resolve({ code, signal: null }) : new Promise(() => undefined),
  });

  test('goes away and comes back', async () => {
    const outage = (hasExited: boolean, parts: object) => OUTAGE.run(sessionWith({
      database,
      server: {},
      ensureServer: async () => server(hasExited),
      write: async () => ({ status: 200 }),
      openStream: async () => stream,
      ...parts,
    }));
    expect(brief(await outage(false, { probe: () => ({}) }))).toMatch(/^pass: survives Postgres away for .*; a write then answers 200; works 0\.00 s after it is back$/);
    expect(brief(await outage(false, { write: async () => { throw new Error('reset'); }, health: async () => ({ status: 200 }) }))).toMatch(/^pass: survives Postgres away for [^;]*; works/);
    expect(brief(await outage(true, {}))).toMatch(/^fail: the process ended while Postgres was away/);
    expect(brief(await outage(false, { server: undefined, health: async () => ({ status: 500 }) }))).toMatch('does not work again');
    expect(brief(await OUTAGE.run(sessionWith({ ensureServer: async () => undefined })))).toMatch('skip');
    expect(OUTAGE.skip!(sessionWith({}))).toBe('the service has no DATABASE_URL');
  });

  test('is not named', async () => {
    const unset = (started: object, tail = 'x') => DATABASE_URL_UNSET.run(sessionWith({ database, boot: async () => ({ server: started }), tail: () => tail }));
    expect(brief(await unset(server(true, 'refused')))).toMatch(/^pass: ends with 1 after /);
    expect(brief(await unset(server(false, 'DATABASE_URL is not set')))).toMatch(/^pass: starts.*DATABASE_URL/);
    expect(brief(await unset(server(false, 'listening')))).toMatch(/^fail: starts.*DATABASE_URL/);
    expect(brief(await unset(server(true, ''), ''))).toMatch(/^fail: /);
  });

  test('is named wrongly', async () => {
    const wrong = (started: object) => DATABASE_URL_WRONG.run(sessionWith({ database, boot: async () => ({ server: started }) }));
    expect(brief(await wrong(server(true, 'authentication failed')))).toMatch(/^pass: a wrong password: ends with 1 after .*; an unencoded password: ends/);
    expect(brief(await wrong(server(true, 'input: Wr0ng-rehearsal-password')))).toBe('fail: a wrong password: prints it');
    expect(brief(await wrong(server(true, '')))).toMatch('fail: a wrong password: ends');
    expect(brief(await wrong(server(false, 'listening')))).toMatch('fail: a wrong password: keeps running');
  });
});

test('secrets too short to look for are counted', async () => {
  expect(brief(await SECRETS.run(sessionWith({ secrets: { A: 'a', B: 'bbbbbbbb' }, output: '', healthBodies: [] })))).toBe('pass: 1 looked for in 0 characters; 1 too short to look for');
  expect(SECRETS.skip!(sessionWith({}))).toBe('the service has no secrets');
});

test('a check that cannot ask the server is a finding; one that cannot be made ends the rehearsal', async () => {
  const check = (error: Error) => ({ id: 'x', title: 'X', run: () => Promise.reject(error) });
  const session = sessionWith({ secrets: { A: 'hidden-value' }, server: {} });
  expect(await runChecks([check(new Error('reset by hidden-value'))], session, SILENT)).toMatchObject([{ status: 'fail', measured: expect.stringMatching(/: reset by \[secret\]$/), log: 'the log' }]);
  await expect(runChecks([check(new CliFailure('no', 'way'))], session, SILENT)).rejects.toThrow('no\nway');
});

test('a matcher lists codes and ranges', () => {
  expect([200, 204, 299, 301, 404].map(code => matches('200-299,404', code))).toEqual([true, true, true, false, true]);
});

describe('the model', () => {
  const ask = async (url: string, content: unknown) => fetch(`${url}/chat/completions`, { method: 'POST', body: JSON.stringify({ messages: [{ role: 'user', content }] }) });
  let other: Server;
  afterEach(() => other?.close());

  test('echoes, and holds a stream', async () => {
    const model = await startModelServer();
    expect(await (await ask(model.url, [{ text: 'hello' }])).text()).toMatch(/"content":"echo: hello"[^]*\[DONE\]/);
    const held = await ask(model.url, 'hold on');
    expect(held.status).toBe(200);
    expect(await fetch(model.url, { method: 'POST', body: '{' }).then(({ status }) => status, () => 'closed')).toBe('closed');
    await model.close();
    other = createServer().listen((new URL(model.url)).port);
    await once(other, 'listening');
    expect((other.address() as AddressInfo).port).toBe(Number(new URL(model.url).port));
  });
});
