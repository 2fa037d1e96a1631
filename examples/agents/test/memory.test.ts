import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { App } from './support/app.ts';
import { type ModelServer, startModelServer } from './support/model-server.ts';
import { serverSentEvents } from './support/sse.ts';

let model: ModelServer;
before(async () => {
  model = await startModelServer();
});
after(() => model.close());

describe('without a database', () => {
  let app: App;
  before(async () => {
    app = await App.start(model.env);
  });
  after(() => app.stop('SIGKILL'));

  test('says once that state is kept in memory', () => {
    assert.equal(app.output.match(/Persistence: memory/g)?.length, 1);
  });

  test('/health is 200 within its budget', async () => {
    const startedAt = performance.now();
    const response = await app.get('/health');
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: 'ok' });
    assert.ok(performance.now() - startedAt < 1_000);
  });

  test('/health/ready is 200', async () => {
    const response = await app.get('/health/ready');
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: 'ready', database: 'ok' });
  });

  test('the agent answers in JSON and remembers the conversation', async () => {
    assert.equal(await app.ask('json', 'hello'), 'turn 1: hello');
    assert.equal(await app.ask('json', 'again'), 'turn 2: again');
    assert.equal(await app.ask('other', 'hello'), 'turn 1: hello');
  });

  test('the agent answers as a stream of events', async () => {
    const response = await app.post('/agents/assistant/sse', { message: 'one two' }, { accept: 'text/event-stream' });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    const events = await serverSentEvents(response);
    const deltas = events.filter(({ event }) => event === 'text_delta').map(({ data }) => data['text']);
    assert.deepEqual(deltas, ['turn ', '1: ', 'one ', 'two']);
    assert.equal(events.at(-1)?.event, 'idle');
  });

  test("the agent's shell works and has no network", async () => {
    assert.match(await app.ask('shell', 'run: echo $((6 * 7))'), /tool said: 42/);
    assert.match(await app.ask('shell', `run: curl -s ${app.url}/health`), /curl: command not found/);
  });

  test('a line of JSON tells how long a prompt took, and nothing of what it said', async () => {
    await app.ask('timed', 'slow: these words must not be logged');
    const lines = operationLines(app.output).filter(({ instanceId }) => instanceId === 'timed');
    assert.equal(lines.length, 1);
    const { durationMs, ...rest } = lines[0] ?? {};
    assert.deepEqual(rest, { type: 'operation', operationKind: 'prompt', isError: false, instanceId: 'timed', session: 'default' });
    assert.ok(typeof durationMs === 'number' && durationMs >= 1_000, `took ${durationMs} ms`);
    assert.doesNotMatch(app.output, /these words/);
  });

  test('the workflow returns its result and its run can be read', async () => {
    const response = await app.post('/workflows/deployment-check?wait=result', { holdSeconds: 0.2 });
    assert.equal(response.status, 200);
    const { result, _meta } = (await response.json()) as { result: Record<string, unknown>; _meta: { runId: string } };
    assert.equal(result['persistence'], 'memory');
    assert.equal(result['databaseOk'], true);
    assert.equal(result['heldSeconds'], 0.2);

    const run = await app.get(`/runs/${_meta.runId}`);
    assert.equal(((await run.json()) as { status: string }).status, 'completed');
  });

  test('the workflow needs no payload', async () => {
    const response = await fetch(`${app.url}/workflows/deployment-check?wait=result`, { method: 'POST' });
    assert.equal(response.status, 200);
  });

  for (const holdSeconds of [301, -1, 'long']) {
    test(`the workflow refuses holdSeconds ${holdSeconds}`, async () => {
      const response = await app.post('/workflows/deployment-check', { holdSeconds });
      assert.equal(response.status, 400);
      assert.match(await response.text(), /holdSeconds/);
    });
  }

  for (const path of ['/admin', '/admin/agents', '/admin/runs', '/admin/openapi.json', '/runs', '/']) {
    test(`GET ${path} is 404`, async () => {
      const response = await app.get(path);
      assert.equal(response.status, 404);
      assert.match(await response.text(), /"type":"route_not_found"/);
    });
  }
});

describe('with API_TOKEN', () => {
  const token = 'correct-horse-battery-staple';
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
  let app: App;
  before(async () => {
    app = await App.start({ ...model.env, API_TOKEN: token });
  });
  after(() => app.stop('SIGKILL'));

  for (const path of ['/health', '/health/ready']) {
    test(`${path} stays open`, async () => assert.equal((await app.get(path)).status, 200));
  }

  const wrong: Record<string, Record<string, string>> = {
    'no token': {},
    'a wrong token': bearer('wrong'),
    'a longer token': bearer(`${token}x`),
    'another scheme': { authorization: `Basic ${token}` },
  };
  for (const [what, headers] of Object.entries(wrong)) {
    test(`${what} is 401 on every other route`, async () => {
      const responses = await Promise.all([
        app.post('/agents/assistant/a', { message: 'hello' }, headers),
        app.post('/workflows/deployment-check', {}, headers),
        app.get('/runs/workflow:deployment-check:x', headers),
        app.get('/openapi.json', headers),
        app.get('/admin', headers),
      ]);
      assert.deepEqual(responses.map(({ status }) => status), [401, 401, 401, 401, 401]);
      assert.equal(responses[0].headers.get('www-authenticate'), 'Bearer');
    });
  }

  test('the right token is let through', async () => {
    const agent = await app.post('/agents/assistant/a', { message: 'hello' }, bearer(token));
    assert.equal(agent.status, 200);
    const workflow = await app.post('/workflows/deployment-check?wait=result', {}, bearer(token));
    assert.equal(workflow.status, 200);
    assert.equal((await app.get('/admin', bearer(token))).status, 404);
  });
});

describe('with INBOX_TOKEN', () => {
  const token = 'a-token-for-the-inbox-alone';
  const bearer = { authorization: `Bearer ${token}` };
  let app: App;
  before(async () => {
    app = await App.start({ ...model.env, INBOX_TOKEN: token });
  });
  after(() => app.stop('SIGKILL'));

  test('the agents answer below /inbox as well, to that token alone', async () => {
    assert.equal((await app.post('/inbox/agents/assistant/a', { message: 'hello' })).status, 401);
    const response = await app.post('/inbox/agents/assistant/a', { message: 'hello' }, bearer);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /turn 1: hello/);
    assert.equal(await app.ask('a', 'again'), 'turn 2: again');
  });

  test('every other route is as without it', async () => {
    assert.equal((await app.post('/agents/assistant/b', { message: 'hello' })).status, 200);
    assert.equal((await app.get('/inbox/admin', bearer)).status, 404);
  });
});

test('without INBOX_TOKEN nothing is below /inbox', async () => {
  const app = await App.start(model.env);
  const response = await app.post('/inbox/agents/assistant/a', { message: 'hello' });
  await app.stop('SIGKILL');
  assert.equal(response.status, 404);
});

describe('starting and stopping', () => {
  test('SIGTERM ends an idle server at once', async () => {
    const app = await App.start();
    const startedAt = performance.now();
    const { code } = await app.stop('SIGTERM');
    assert.equal(code, 143);
    assert.ok(performance.now() - startedAt < 2_000);
  });

  test('SIGTERM ends a server that is streaming a reply', async () => {
    const app = await App.start(model.env);
    const message = `slow: ${'word '.repeat(100)}`;
    const response = await app.post('/agents/assistant/a', { message }, { accept: 'text/event-stream' });
    const body = response.text();
    const startedAt = performance.now();
    const { code } = await app.stop('SIGTERM');
    assert.equal(code, 143);
    assert.ok(performance.now() - startedAt < 5_000);
    assert.match(await body, /event: error/);
  });

  for (const [what, value] of [
    ['a secret in JSON', '{"username":"flue","password":"hunter2"}'],
    ['a password that is not encoded', 'postgresql://flue:hunter2%@localhost/flue'],
    ['an empty value', ''],
  ] as const) {
    test(`refuses to start with ${what} as DATABASE_URL, and does not print it`, async () => {
      const { code, output } = await (await App.spawn({ DATABASE_URL: value })).exited;
      assert.equal(code, 1);
      assert.match(output, /Error: DATABASE_URL is /);
      assert.doesNotMatch(output, /hunter2/);
    });
  }

  for (const variable of ['API_TOKEN', 'INBOX_TOKEN']) {
    test(`refuses to start with an empty ${variable}`, async () => {
      const { code, output } = await (await App.spawn({ [variable]: '' })).exited;
      assert.equal(code, 1);
      assert.match(output, new RegExp(`Error: ${variable} is set but empty`));
    });
  }
});

function operationLines(output: string): Record<string, unknown>[] {
  return output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
}
