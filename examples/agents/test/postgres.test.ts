import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { App } from './support/app.ts';
import { type ModelServer, startModelServer } from './support/model-server.ts';
import { type Postgres, startPostgres } from './support/postgres.ts';
import { startProxy } from './support/proxy.ts';

describe('with PostgreSQL over verified TLS', () => {
  let model: ModelServer;
  let postgres: Postgres;
  let app: App;
  let env: Record<string, string>;

  before(async () => {
    // one after the other: what has started is closed when the next cannot
    model = await startModelServer();
    postgres = await startPostgres();
    env = {
      ...model.env,
      DATABASE_URL: postgres.url(),
      NODE_EXTRA_CA_CERTS: postgres.caFile,
      // Flue 0.10 leaves a rejection unhandled when a prompt meets a lost database; by default that ends the process.
      NODE_OPTIONS: '--unhandled-rejections=warn',
    };
    app = await App.start(env);
  });
  after(async () => {
    await app?.stop('SIGKILL');
    await Promise.all([model?.close(), postgres?.close()]);
  });

  test('/health and /health/ready are 200', async () => {
    assert.equal((await app.get('/health')).status, 200);
    const ready = await app.get('/health/ready');
    assert.equal(ready.status, 200);
    assert.deepEqual(await ready.json(), { status: 'ready', database: 'ok' });
  });

  test('the workflow sees the database', async () => {
    const response = await app.post('/workflows/deployment-check?wait=result', {});
    const { result } = (await response.json()) as { result: Record<string, unknown> };
    assert.equal(result['persistence'], 'postgres');
    assert.equal(result['databaseOk'], true);
  });

  test('conversations and runs survive a restart, which logs no notices', async () => {
    assert.equal(await app.ask('customer-1', 'hello'), 'turn 1: hello');
    const accepted = await app.post('/workflows/deployment-check?wait=result', {});
    const { _meta } = (await accepted.json()) as { _meta: { runId: string } };

    await app.stop('SIGTERM');
    app = await App.start(env);

    assert.equal(await app.ask('customer-1', 'still there?'), 'turn 2: still there?');
    const run = (await (await app.get(`/runs/${_meta.runId}`)).json()) as { status: string };
    assert.equal(run.status, 'completed');
    assert.match(app.output, /Persistence: PostgreSQL/);
    assert.doesNotMatch(app.output, /NOTICE|already exists/);
  });

  test('readiness follows an outage, liveness does not, and the server recovers', async () => {
    await postgres.stop();
    const down = await app.get('/health/ready');
    assert.equal(down.status, 503);
    assert.deepEqual(await down.json(), { status: 'unavailable', database: 'unreachable' });
    assert.equal((await app.get('/health')).status, 200);
    assert.equal((await app.post('/agents/assistant/customer-1', { message: 'lost' })).status, 500);

    await postgres.start();
    assert.equal((await app.get('/health/ready')).status, 200);
    assert.match(await app.ask('customer-1', 'back'), /^turn \d+: back$/);
  });

  test('readiness does not wait for a database that has gone silent', async () => {
    const proxy = await startProxy(postgres.port);
    const proxied = await App.start({ ...env, DATABASE_URL: postgres.url({ port: proxy.port }) });
    try {
      assert.equal((await proxied.get('/health/ready')).status, 200);
      proxy.silence();
      const startedAt = performance.now();
      const probes = await Promise.all([proxied.get('/health/ready'), proxied.get('/health/ready')]);
      assert.deepEqual(probes.map(({ status }) => status), [503, 503]);
      assert.ok(performance.now() - startedAt < 3_000);
      assert.equal((await proxied.get('/health')).status, 200);
    } finally {
      await proxied.stop('SIGKILL');
      await proxy.close();
    }
  });

  test('refuses a server certificate it cannot verify', async () => {
    const { NODE_EXTRA_CA_CERTS: _, ...untrusting } = env;
    const { code, output } = await (await App.spawn(untrusting)).exited;
    assert.equal(code, 1);
    assert.match(output, /unable to verify the first certificate/);
    assert.ok(!output.includes(encodeURIComponent(postgres.password)));
  });

  test('never logs the password', () => {
    for (const form of [postgres.password, encodeURIComponent(postgres.password)]) {
      assert.ok(!app.output.includes(form));
    }
  });
});
