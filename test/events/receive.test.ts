import { createHmac } from 'node:crypto';

const { makeReceiver, makeTaker } = jest.requireActual('../../assets/events/receive');

const NOW = 1_800_000_000_000;
const SECRET = 'signing-secret';
const sign = (text: string, secret = SECRET) => createHmac('sha256', secret).update(text).digest('hex');

interface Request { readonly headers: { readonly [name: string]: string }; readonly body: string; readonly isBase64Encoded?: boolean }

interface More { readonly webhook?: object; readonly secrets?: string[]; readonly send?: () => Promise<void> }

async function received(verify: object | undefined, request: Request, more: More = {}) {
  const sent: any[] = [];
  const secrets = more.secrets ?? [SECRET];
  let reads = 0;
  const receive = makeReceiver(
    { NAME: '/hooks/a', QUEUE_URL: 'queue', CREDENTIAL_ARN: 'arn', WEBHOOK: JSON.stringify({ agentName: 'triage', verify, ...more.webhook }) },
    { send: more.send ?? (async (input: object) => { sent.push(input); }), secret: async () => secrets[Math.min(reads++, secrets.length - 1)] },
    () => NOW, () => undefined,
  );
  const { statusCode, body } = await receive(request);
  return { statusCode, body: JSON.parse(body), sent };
}

const BODY = JSON.stringify({ id: 'evt_1', event_id: 'Ev1', event: { channel: 'C12' }, text: 'hällo' });
const seconds = (offset = 0) => `${NOW / 1000 + offset}`;

/** A request that each scheme takes, some seconds away from now. */
const SCHEMES: [string, object, boolean, (body: string, secret?: string, offset?: number) => Request][] = [
  ['GitHub', { scheme: 'github' }, false, (body, secret) => ({ body, headers: { 'x-hub-signature-256': `sha256=${sign(body, secret)}` } })],
  ['Slack', { scheme: 'slack' }, true, (body, secret, offset) => ({
    body, headers: { 'x-slack-request-timestamp': seconds(offset), 'x-slack-signature': `v0=${sign(`v0:${seconds(offset)}:${body}`, secret)}` },
  })],
  ['Stripe', { scheme: 'stripe' }, true, (body, secret, offset) => ({
    body, headers: { 'stripe-signature': `t=${seconds(offset)},v0=x,v1=${'0'.repeat(64)},v1=${sign(`${seconds(offset)}.${body}`, secret)}` },
  })],
  ['an HMAC', { scheme: 'hmac', header: 'X-Sign', prefix: 'sha256=' }, false, (body, secret) => ({ body, headers: { 'x-sign': `sha256=${sign(body, secret)}` } })],
  ['an HMAC with a time', { scheme: 'hmac', header: 'X-Sign', timestampHeader: 'X-Time' }, true, (body, secret, offset) => ({
    body, headers: { 'x-time': seconds(offset), 'x-sign': sign(`${seconds(offset)}.${body}`, secret) },
  })],
];

describe.each(SCHEMES)('%s', (_, verify, timed, requestOf) => {
  test('what is signed is an event, answered when SQS has it', async () => {
    const { statusCode, sent } = await received(verify, requestOf(BODY));
    expect(statusCode).toBe('scheme' in verify && verify.scheme === 'slack' ? 200 : 202);
    expect(sent).toHaveLength(1);
    expect(JSON.parse(sent[0].MessageBody)).toMatchObject({ agent: 'triage', message: BODY });
  });

  test('raw bytes that came in base64 are signed as they are', async () => {
    const request = requestOf(BODY);
    expect((await received(verify, { ...request, body: Buffer.from(BODY).toString('base64'), isBase64Encoded: true })).sent).toHaveLength(1);
  });

  test.each<[string, (request: Request) => Request]>([
    ['of another key', () => requestOf(BODY, 'other')],
    ['of another body', request => ({ ...request, body: `${request.body} ` })],
    ['that is missing', request => ({ ...request, headers: {} })],
    ['that is empty', request => ({ ...request, headers: Object.fromEntries(Object.keys(request.headers).map(name => [name, ''])) })],
    ['that is cut', request => ({ ...request, headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value.slice(0, -1)])) })],
  ])('a signature %s is refused', async (__, change) => {
    expect(await received(verify, change(requestOf(BODY)))).toMatchObject({ statusCode: 401, sent: [] });
  });

  test('the key may have changed a while ago', async () => {
    expect((await received(verify, requestOf(BODY), { secrets: [SECRET] })).sent).toHaveLength(1);
  });

  test('an event that SQS did not take is not confirmed', async () => {
    expect((await received(verify, requestOf(BODY), { send: () => Promise.reject(new Error('throttled')) })).statusCode).toBe(503);
  });

  test('a replay is the same event', async () => {
    const [one, two] = [await received(verify, requestOf(BODY)), await received(verify, requestOf(BODY))];
    expect(one.sent[0].MessageDeduplicationId).toBe(two.sent[0].MessageDeduplicationId);
    const other = BODY.replace(/evt_1/, 'evt_2').replace('Ev1', 'Ev2');
    expect((await received(verify, requestOf(other))).sent[0].MessageDeduplicationId).not.toBe(one.sent[0].MessageDeduplicationId);
  });

  test.each([[300, 1], [-300, 1], [301, 0], [-301, 0]])('at %d s from its time', async (offset, events) => {
    expect((await received(verify, requestOf(BODY, SECRET, offset))).sent).toHaveLength(timed ? events : 1);
  });
});

test('the challenge of Slack is answered, and is no event', async () => {
  const body = JSON.stringify({ type: 'url_verification', challenge: 'c-1' });
  const [, verify, , requestOf] = SCHEMES[1];
  expect(await received(verify, requestOf(body))).toEqual({ statusCode: 200, body: { challenge: 'c-1' }, sent: [] });
  expect((await received(verify, requestOf(body, 'other'))).statusCode).toBe(401);
});

test.each([[512 * 1024, 202], [512 * 1024 + 1, 413], [1024 * 1024, 413]])('a body of %d bytes', async (bytes, status) => {
  const [, verify, , requestOf] = SCHEMES[0];
  const { statusCode, sent } = await received(verify, requestOf('x'.repeat(bytes)));
  expect(statusCode).toBe(status);
  expect(sent).toHaveLength(status === 202 ? 1 : 0);
});

test.each<[string, object, string]>([
  ['a fixed one', { conversationId: 'inbox' }, 'inbox'],
  ['one that the body names', { conversationField: 'event.channel' }, 'C12'],
  ['one that the body names with signs', { conversationField: 'text' }, 'h-llo'],
])('the conversation is %s', async (_, webhook, conversation) => {
  const { sent } = await received(undefined, { body: BODY, headers: {} }, { webhook });
  expect(JSON.parse(sent[0].MessageBody).conversation).toBe(conversation);
  expect(sent[0].MessageGroupId).toBe(`triage/${conversation}`);
});

test('the conversation is a new one for each event where nothing names it, and never empty', async () => {
  const [, verify, , requestOf] = SCHEMES[1];
  expect(JSON.parse((await received(verify, requestOf(BODY))).sent[0].MessageBody).conversation).toBe('Ev1');
  for (const body of ['', 'payload=%7B', '[]', '{"__proto__":{"event":1}}', '{"event":null}', '{"event":{"channel":"///"}}']) {
    const { sent } = await received(undefined, { body, headers: {} }, { webhook: { conversationField: 'event.channel' } });
    expect(sent[0].MessageGroupId).toMatch(/^triage\/[A-Za-z0-9][A-Za-z0-9_.~:@-]{0,71}$/);
  }
});

test('a secret that cannot be read confirms nothing', async () => {
  const [, verify, , requestOf] = SCHEMES[0];
  const receive = makeReceiver(
    { NAME: '/a', QUEUE_URL: 'queue', CREDENTIAL_ARN: 'arn', WEBHOOK: JSON.stringify({ agentName: 'triage', verify }) },
    { send: () => Promise.reject(new Error('not asked')), secret: () => Promise.reject(new Error('denied')) }, () => NOW, () => undefined,
  );
  expect((await receive(requestOf(BODY))).statusCode).toBe(503);
});

describe('an event of EventBridge', () => {
  const EVENT = { 'id': '6a7e8feb', 'detail-type': 'created', 'source': 'acme.orders', 'detail': { customer: 'C 12', total: 300 } };

  async function taken(settings: object, event: object = EVENT, name = 'Orders') {
    const sent: any[] = [];
    const take = makeTaker({ NAME: name, QUEUE_URL: 'queue', PATTERN: JSON.stringify({ agentName: 'clerk', ...settings }) }, { send: async (input: object) => { sent.push(input); } }, () => undefined);
    await take(event);
    expect(sent).toHaveLength(1);
    return { ...sent[0], body: JSON.parse(sent[0].MessageBody) };
  }

  test.each<[string, object, string]>([
    ['a fixed one', { conversationId: 'orders' }, 'orders'],
    ['one that the event names', { conversationField: 'detail.customer' }, 'C-12'],
    ['its own, where the event names none', { conversationField: 'detail.shop' }, '6a7e8feb'],
    ['its own, where an object stands there', { conversationField: 'detail' }, '6a7e8feb'],
    ['its own', {}, '6a7e8feb'],
  ])('the conversation is %s, and so is the group', async (_, settings, conversation) => {
    const { body, MessageGroupId } = await taken(settings);
    expect(body).toEqual({ agent: 'clerk', conversation, message: JSON.stringify(EVENT) });
    expect(MessageGroupId).toBe(`clerk/${conversation}`);
  });

  test('the same event twice is one, for each rule', async () => {
    const key = async (event?: object, name?: string) => (await taken({}, event, name)).MessageDeduplicationId;
    expect(await key()).toBe(await key({ ...EVENT }));
    expect(await key()).not.toBe(await key({ ...EVENT, id: '6a7e8fec' }));
    expect(await key()).not.toBe(await key(EVENT, 'Returns'));
  });

  test('what SQS does not take is a failure, so that it comes again', async () => {
    const take = makeTaker({ NAME: 'Orders', QUEUE_URL: 'queue', PATTERN: '{"agentName":"clerk"}' }, { send: () => Promise.reject(new Error('throttled')) }, () => undefined);
    await expect(take(EVENT)).rejects.toThrow('throttled');
  });
});

test('signs that SQS refuses arrive all the same', async () => {
  const { sent } = await received(undefined, { body: '{"text":"\uFFFE\uFFFF"}', headers: {} });
  expect(sent[0].MessageBody).not.toMatch(/[\uFFFE\uFFFF]/);
  expect(JSON.parse(sent[0].MessageBody).message).toBe('{"text":"\uFFFE\uFFFF"}');
});
