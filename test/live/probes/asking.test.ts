import { health } from './health';
import { idleConnections } from './idle-connections';
import { prompt } from './prompt';
import { quietStream } from './quiet-stream';
import { token } from './token';
import { workflow } from './workflow';
import { probed, type Handler } from '../stand-in';

const only = (path: RegExp, reply: ReturnType<Handler>): Handler => request => path.test(request.url!) ? reply : undefined;

test.each([health, prompt, quietStream, token, workflow, idleConnections])('$name finds nothing wrong with a server that behaves', async probe => {
  expect(await probed(probe)).toMatchObject({ holds: true });
});

test('health condemns a server that fails one check of many', async () => {
  let asked = 0;
  const found = await probed(health, () => ++asked === 7 ? { status: 503 } : undefined);
  expect(found).toMatchObject({ holds: false, says: '19 of 20 health checks answered 200' });
});

test('prompt condemns a conversation without a memory', async () => {
  const found = await probed(prompt, (_request, { message }) => ({ status: 200, body: { result: { text: `turn 1: ${message}` } } }));
  expect(found).toMatchObject({ holds: false, says: 'prompt 2 of a conversation was answered with 200 and a wrong reply' });
});

test('prompt condemns a model that does not answer', async () => {
  expect(await probed(prompt, only(/agents/, { status: 500 }))).toMatchObject({ holds: false, says: 'prompt 1 of a conversation was answered with 500 and no reply' });
});

test.each([
  ['a database that is away', { persistence: 'postgres', databaseOk: false }],
  ['a memory in place of the database', { persistence: 'memory', databaseOk: true }],
])('workflow condemns %s', async (_, body) => {
  expect(await probed(workflow, only(/workflows/, { status: 200, body }))).toMatchObject({ holds: false });
});

test('workflow expects a box to keep its state in a file', async () => {
  const file = only(/workflows/, { status: 200, body: { persistence: 'sqlite', databaseOk: true } });
  expect(await probed(workflow, file, { host: 'box' })).toMatchObject({ holds: true });
  expect(await probed(workflow, file)).toMatchObject({ holds: false });
});

test('token condemns a server that lets anyone in, and one that lets a wrong token in', async () => {
  expect(await probed(token, only(/agents/, { status: 200 }))).toMatchObject({ holds: false, says: 'without a token 200, with a wrong one 200, the health check 200' });
  const any: Handler = ({ headers, url }) => /agents/.test(url!) && headers.authorization ? { status: 200 } : undefined;
  expect(await probed(token, any)).toMatchObject({ holds: false, says: 'without a token 401, with a wrong one 200, the health check 200' });
});

test('quiet-stream condemns what cuts a silent answer', async () => {
  expect(await probed(quietStream, only(/agents/, 'cut'))).toMatchObject({ holds: false, says: expect.stringContaining('was cut') });
});

test('quiet-stream condemns a load balancer that gives up with 504', async () => {
  expect(await probed(quietStream, only(/agents/, { status: 504 }))).toMatchObject({ holds: false, says: expect.stringContaining('was 504') });
});

test('quiet-stream does not believe an answer that came too early', async () => {
  const early = only(/agents/, { status: 200, body: { result: { text: 'turn 1: hold' } } });
  // a minute is the least that a load balancer of AWS is silent for
  expect(await probed(quietStream, early, { second: 10_000 })).toMatchObject({ holds: false });
});

test('idle-connections condemns 502 on a connection that is used again', async () => {
  const uses = new WeakMap<object, number>();
  const found = await probed(idleConnections, ({ socket }) => {
    uses.set(socket, (uses.get(socket) ?? 0) + 1);
    return uses.get(socket) === 3 ? { status: 502 } : undefined;
  });
  expect(found).toMatchObject({ holds: false, says: expect.stringMatching(/^of 1000 requests \d+ answered 200, [1-9]\d* answered 502, 0 were cut$/) });
});

test('idle-connections condemns a connection that is cut', async () => {
  let asked = 0;
  expect(await probed(idleConnections, () => ++asked === 500 ? 'cut' : undefined)).toMatchObject({ holds: false, says: expect.stringMatching(/[12] were cut$/) });
});
