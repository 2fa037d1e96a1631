import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { App } from './support/app.ts';
import { type ModelServer, startModelServer } from './support/model-server.ts';

let model: ModelServer;
let directory: string;
before(async () => {
  model = await startModelServer();
  directory = await mkdtemp(join(tmpdir(), 'agents-'));
});
after(async () => {
  await model.close();
  await rm(directory, { recursive: true, force: true });
});

describe('with SQLITE_PATH', () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`a conversation outlives ${signal}`, async () => {
      const env = { ...model.env, SQLITE_PATH: join(directory, `${signal}.sqlite`) };
      const first = await App.start(env);
      assert.match(first.output, /Persistence: SQLite, in .+\.sqlite\./);
      assert.equal(await first.ask('a', 'hello'), 'turn 1: hello');
      await first.stop(signal);

      const second = await App.start(env);
      try {
        assert.equal(await second.ask('a', 'again'), 'turn 2: again');
        assert.equal((await second.get('/health/ready')).status, 200);
      } finally {
        await second.stop('SIGKILL');
      }
    });
  }

  test('refuses to start where it cannot write', async () => {
    const { code, output } = await (await App.spawn({ SQLITE_PATH: '/dev/null/flue.sqlite' })).exited;
    assert.equal(code, 1);
    assert.match(output, /Failed to initialize persistence/);
  });

  test('an empty value keeps state in memory', async () => {
    const app = await App.start({ SQLITE_PATH: '' });
    assert.match(app.output, /Persistence: memory/);
    await app.stop('SIGKILL');
  });
});
