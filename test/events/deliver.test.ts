import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const { backoff, makeHandler, requestFor } = jest.requireActual('../../assets/events/deliver');

interface Call { readonly kind: 'hide' | 'send'; readonly input: any }

let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
const seen: { url: string; body: any; authorization?: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', part => body += part).on('end', () => {
      seen.push({ url: request.url!, body: JSON.parse(body), authorization: request.headers.authorization });
      answer(request, response, body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());
beforeEach(() => { seen.length = 0; });

const urlOf = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const status = (code: number, text = '{}') => { answer = (_, response) => { response.statusCode = code; response.end(text); }; };

function recordOf(body: unknown, more: { receives?: number; sent?: number; key?: string } = {}) {
  return {
    messageId: 'm-1',
    receiptHandle: 'r-1',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: `${more.receives ?? 1}`, SentTimestamp: `${more.sent ?? 1_000_000}`, MessageGroupId: 'assistant/one', MessageDeduplicationId: 'event-1',
    },
    messageAttributes: more.key === undefined ? {} : { Key: { stringValue: more.key } },
  };
}

async function handled(record: object, environment: { [name: string]: string } = {}, secrets: string[] = ['first']) {
  const calls: Call[] = [];
  const aws = {
    hide: async (input: object) => { calls.push({ kind: 'hide', input }); },
    send: async (input: object) => { calls.push({ kind: 'send', input }); },
    secret: async () => secrets.shift(),
  };
  const lines: any[] = [];
  const handler = makeHandler({
    SERVER_URL: urlOf(), QUEUE_URL: 'queue', DEAD_LETTER_QUEUE_URL: 'dead', REQUEST_SECONDS: '1', RETRY_SECONDS: '3600', FLUE_MAJOR: '0', ...environment,
  }, aws, () => 1_001_000, (line: object) => lines.push(line));
  const { batchItemFailures } = await handler({ Records: [record] });
  return { calls, failures: batchItemFailures.map(({ itemIdentifier }: { itemIdentifier: string }) => itemIdentifier), lines };
}

const EVENT = { agent: 'assistant', conversation: 'one', message: 'Go.' };

test.each([200, 202, 204])('%d is a delivery', async code => {
  status(code, code === 204 ? '' : '{}');
  expect(await handled(recordOf(EVENT))).toMatchObject({ calls: [], failures: [], lines: [{ event: 'delivered', key: 'event-1' }] });
  expect(seen).toEqual([{ url: '/agents/assistant/one', body: { message: 'Go.' }, authorization: undefined }]);
});

test.each([503, 429, 408, 409, 421, 425])('%d means later: the event stays, hidden for a while', async code => {
  status(code);
  const { calls, failures } = await handled(recordOf(EVENT, { receives: 2 }));
  expect(failures).toEqual(['m-1']);
  expect(calls).toEqual([{ kind: 'hide', input: { QueueUrl: 'queue', ReceiptHandle: 'r-1', VisibilityTimeout: 10 } }]);
});

test.each([400, 401, 403, 404, 405, 413, 422, 302])('%d means never: the event is a dead letter with its reason', async code => {
  status(code, '{"error":"no"}');
  const { calls, failures } = await handled(recordOf(EVENT));
  expect(failures).toEqual([]);
  expect(calls).toEqual([{
    kind: 'send',
    input: {
      QueueUrl: 'dead',
      MessageBody: JSON.stringify(EVENT),
      MessageGroupId: 'assistant/one',
      MessageDeduplicationId: 'm-1-1',
      MessageAttributes: { Reason: { DataType: 'String', StringValue: `${code}: {"error":"no"}` }, Key: { DataType: 'String', StringValue: 'event-1' } },
    },
  }]);
});

test('a conflict that stays is no reason to wait', async () => {
  status(409, '{"error":{"type":"submission_conflict"}}');
  expect((await handled(recordOf(EVENT))).calls[0].kind).toBe('send');
});

test('a server that is away means later', async () => {
  const { calls, lines } = await handled(recordOf(EVENT), { SERVER_URL: 'http://127.0.0.1:1' });
  expect(calls[0].kind).toBe('hide');
  expect(lines[0].reason).toMatch(/ECONNREFUSED/);
});

test('a name that nobody knows means later', async () => {
  expect((await handled(recordOf(EVENT), { SERVER_URL: 'http://agents.invalid' })).calls[0].kind).toBe('hide');
});

describe.each([[500], [502], [504]])('the outcome of a %d is not known', code => {
  test('so it is a dead letter on Flue 0', async () => {
    status(code);
    const { calls } = await handled(recordOf(EVENT));
    expect(calls[0].input.MessageAttributes.Reason.StringValue).toMatch(/^outcome unknown, 5/);
  });

  test('so it is sent again on Flue 2, with the same key', async () => {
    status(code);
    expect((await handled(recordOf(EVENT), { FLUE_MAJOR: '2', REPEATS: 'true' })).calls[0].kind).toBe('hide');
    expect(seen[0].body).toEqual({ kind: 'user', body: 'Go.', idempotencyKey: 'event-1' });
  });
});

test('nor is that of a connection that broke', async () => {
  answer = request => request.socket.destroy();
  expect((await handled(recordOf(EVENT))).calls[0].input.MessageAttributes.Reason.StringValue).toMatch(/^outcome unknown, socket hang up/);
  expect((await handled(recordOf(EVENT), { REPEATS: 'true' })).calls[0].kind).toBe('hide');
});

test('nor that of an answer that does not come, or breaks off', async () => {
  answer = () => undefined;
  expect((await handled(recordOf(EVENT))).calls[0].input.MessageAttributes.Reason.StringValue).toMatch(/no answer in time/);
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('x');
    setTimeout(() => response.destroy(), 50);
  };
  expect((await handled(recordOf(EVENT))).calls[0].input.MessageAttributes.Reason.StringValue).toMatch(/^outcome unknown/);
});

test('what waits for too long is a dead letter, with the last reason', async () => {
  status(503, 'busy');
  const sent = 1_001_000 - 3_600_000;
  expect((await handled(recordOf(EVENT, { sent }))).calls[0].kind).toBe('hide');
  expect((await handled(recordOf(EVENT, { sent: sent - 1 }))).calls[0].input.MessageAttributes.Reason.StringValue).toBe('not delivered in time, 503: busy');
});

test.each<[string, unknown]>([
  ['no JSON', '{'], ['null', null], ['no message', { agent: 'a', conversation: 'b' }], ['no agent', { conversation: 'b', message: '' }],
  ['no conversation', { agent: 'a', message: 'x' }], ['an empty conversation', { agent: 'a', conversation: '', message: 'x' }], ['a number', { agent: 1, conversation: 'b', message: 'x' }],
])('%s is no event, and never reaches the server', async (_, body) => {
  const { calls } = await handled(recordOf(body));
  expect(calls[0].input.MessageAttributes.Reason.StringValue).toMatch(/^no event: /);
  expect(seen).toEqual([]);
});

test('names cannot leave their part of the path', () => {
  expect(requestFor(JSON.stringify({ agent: '../admin', conversation: 'a/b?c', message: 'x' }), 'k', { major: 0, prefix: '/inbox' }).path)
    .toBe('/inbox/agents/..%2Fadmin/a%2Fb%3Fc');
});

test('a workflow is waited for, and gets its input', () => {
  expect(requestFor(JSON.stringify({ workflow: 'report', input: { day: 1 } }), 'k', { major: 0, prefix: '' })).toEqual({ path: '/workflows/report?wait=result', body: { day: 1 } });
  expect(() => requestFor(JSON.stringify({ workflow: 'report' }), 'k', { major: 2, prefix: '' })).toThrow(/no workflows/);
});

test('a fire without a conversation begins one of its own', () => {
  const fire = { schedule: 'arn:aws:scheduler:eu-central-1:111111111111:schedule/default/Nightly-AB12', time: '2027-01-01T03:00:00Z' };
  expect(requestFor(JSON.stringify({ agent: 'a', message: 'x', fire }), 'k', { major: 0, prefix: '' }).path).toBe('/agents/a/Nightly-AB12-20270101T030000Z');
  expect(requestFor(JSON.stringify({ agent: 'a', conversation: 'c', message: 'x', fire }), 'k', { major: 0, prefix: '' }).path).toBe('/agents/a/c');
});

test('an event that comes back from the dead letters has its old key', async () => {
  status(202);
  await handled(recordOf(EVENT, { key: 'event-0' }), { FLUE_MAJOR: '2' });
  expect(seen[0].body.idempotencyKey).toBe('event-0');
});

test('the token is read once, and again when the server refuses it', async () => {
  answer = (request, response) => { response.statusCode = request.headers.authorization === 'Bearer second' ? 200 : 401; response.end('{}'); };
  const { calls } = await handled(recordOf(EVENT), { CREDENTIAL_ARN: 'arn', CREDENTIAL_FIELD: 'api' }, ['{"api":"first"}', '{"api":"second"}']);
  expect(calls).toEqual([]);
  expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer first', 'Bearer second']);
});

test('a token that cannot be read means later', async () => {
  const { calls, lines } = await handled(recordOf(EVENT), { CREDENTIAL_ARN: 'arn', CREDENTIAL_FIELD: 'api' }, ['{"other":"first"}']);
  expect(calls[0].kind).toBe('hide');
  expect(lines[0].reason).toBe('no token: the secret has no such field');
  expect(seen).toEqual([]);
});

test('no line of the log has the message or the token', async () => {
  status(503);
  const { lines } = await handled(recordOf({ ...EVENT, message: 'private words' }), { CREDENTIAL_ARN: 'arn' }, ['hidden']);
  expect(JSON.stringify(lines)).not.toMatch(/private words|hidden/);
});

test.each([[1, 5], [2, 10], [3, 20], [4, 30], [20, 30], [21, 300], [1000, 300]])('attempt %d is followed by %d s of rest', (receives, seconds) => {
  expect(backoff(receives)).toBe(seconds);
});

test('the rests of the attempts that SQS allows are longer than the longest time to retry', () => {
  const total = Array.from({ length: 1000 }, (_, index) => backoff(index + 1)).reduce((sum, seconds) => sum + seconds, 0);
  expect(total).toBeGreaterThan(3 * 86400);
});
