import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { relative } from 'node:path';
import { readFlueApp } from '../../../src/cli/app/flue-app';
import { probesOf } from '../../../src/cli/app/routes';
import { variablesOf } from '../../../src/cli/app/variables';
import { FLUE_0, FLUE_2, manifests, removeFixtures, temporaryDirectory, write, type Files } from '../../image/fixtures';

afterEach(removeFixtures);

const wayOut = 'Nothing was written.';
const read = (files: Files) => readFlueApp(write(temporaryDirectory(), files), { wayOut });
const BEARER = 'export const guard = (c, next) => c.req.header(\'authorization\') === `Bearer ${process.env.AGENTS_TOKEN}` ? next() : c.text(\'no\', 401);\n';
const ASSISTANT = '\'use agent\';\nexport function Assistant() { useModel(\'anthropic/claude-sonnet-4-6\'); return \'Answer.\'; }\n';

describe('an app', () => {
  test('is read with what its sources import, and without what the server does not run', () => {
    const { directory, modules, sourceFolder, flueMajor } = read({
      ...FLUE_2,
      'src/app.ts': 'import { url } from \'../shared/url.js\';\n',
      'src/app.test.ts': 'process.env.IN_TEST;',
      'shared/url.ts': 'export const url = process.env.PUBLIC_URL;\n',
      'shared/unused.ts': 'process.env.UNUSED;',
      'vite.config.ts': 'import { flue } from \'@flue/vite\';\nexport default { plugins: [flue()] };\n',
    });
    expect({ sourceFolder, flueMajor }).toEqual({ sourceFolder: 'src', flueMajor: 2 });
    expect(modules.map(({ file }) => relative(directory, file))).toEqual(['shared/url.ts', 'src/app.ts', 'src/db.ts']);
  });

  test('is refused in the words of synthesis, and leaves nothing behind', () => {
    const before = readdirSync(tmpdir()).filter(name => name.startsWith('cdk-flue-read-'));
    const message = (files: Files): string => {
      try {
        read(files);
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(message({})).toMatch(/^`directory` must hold a package\.json, got: .*\. Point it at the root of the Flue app\.\nNothing was written\.$/);
    expect(message({ 'package.json': 'null' })).toMatch(/^`directory` must hold a package\.json with a JSON object, got: null\. Repair/);
    expect(message({ 'package.json/file': '' })).toMatch(/^`directory` must hold a package\.json that can be read, got: EISDIR from/);
    expect(message({ ...manifests({ express: '5.0.0' }) })).toMatch(/^`directory` must hold a Flue app, got: /);
    expect(message({ ...FLUE_2, 'src/key.ts': `export const key = 'sk-ant-${'api03-q8Zt3LxW0vBn5KfRmY7d'}';\n` })).toMatch(/^`directory` must not hold a secret/);
    expect(readdirSync(tmpdir()).filter(name => name.startsWith('cdk-flue-read-'))).toEqual(before);
  });
});

describe('its variables', () => {
  test('come from the sources and from the list of them', () => {
    expect(variablesOf(read({
      ...FLUE_2,
      'src/app.ts': 'use(process.env.LOG_LEVEL ?? \'info\', process.env.PUBLIC_URL, process.env.PORT, process.env.NODE_ENV, process.env.FLUE_MODE, process.env.DATABASE_URL);',
      'src/agents/assistant.ts': ASSISTANT,
      '.env.example': '\uFEFF# keys\nGOOGLE_GENERATIVE_AI_API_KEY=\nexport REGION_NAME="eu"\nPUBLIC_URL=http://localhost:3000\n# OFF=1\nVITE_TITLE=x\n',
    }))).toEqual([
      { name: 'ANTHROPIC_API_KEY', isSecret: true },
      { name: 'GOOGLE_GENERATIVE_AI_API_KEY', isSecret: true },
      { name: 'LOG_LEVEL', isSecret: false, value: 'info' },
      { name: 'PUBLIC_URL', isSecret: false },
      { name: 'REGION_NAME', isSecret: false, value: 'eu' },
    ]);
  });

  test('are none where it reads none', () => expect(variablesOf(read(FLUE_2))).toEqual([]));
});

describe('its routes', () => {
  test('are mounted by Flue 0.x and 1.x', () => {
    expect(probesOf(read({
      ...FLUE_0,
      'src/app.ts': 'import { flue } from \'@flue/runtime/routing\';\nimport { guard } from \'./auth.ts\';\nconst api = new Hono();\napi.route(\'/v1\', flue());\napp.use(guard);\napp.route(\'/api\', api);\n',
      'src/auth.ts': BEARER,
      'src/agents/hidden.ts': 'export default createAgent(() => ({}));\n',
      'src/agents/support.ts': 'export const route = async (_c, next) => next();\nexport default createAgent(() => ({}));\n',
      'src/workflows/check.ts': 'export const route = async (_c, next) => next();\n',
    }))).toEqual({
      headers: { authorization: 'Bearer ${AGENTS_TOKEN}' },
      write: { path: '/api/v1/workflows/check?wait=result', body: {} },
      read: { path: '/api/v1/runs/${write._meta.runId}' },
      stream: { path: '/api/v1/agents/support/rehearsal-${id}', body: { message: 'hold this stream open' } },
    });
  });

  test('without a workflow, a prompt is what is written', () => {
    expect(probesOf(read({ ...FLUE_0, 'src/agents/a.ts': 'export default 1;\n' }))).toEqual({
      write: { path: '/agents/a/state-${id}', body: { message: 'remember this' } },
      stream: { path: '/agents/a/rehearsal-${id}', body: { message: 'hold this stream open' } },
    });
  });

  test('are mounted by the app on Flue 2.x, in another module too', () => {
    expect(probesOf(read({
      ...FLUE_2,
      'src/app.ts': 'import { api } from \'./api.ts\';\nconst app = new Hono();\napp.get(\'/health\', (c) => c.text(\'ok\'));\napp.route(\'/api\', api);\nexport default app;\n',
      'src/api.ts': 'import { createAgentRouter } from \'@flue/runtime/routing\';\nexport const api = new Hono();\napi.route(\'/agents/assistant\', createAgentRouter(Assistant));\n',
      'src/agents/assistant.ts': ASSISTANT,
    }))).toEqual({
      write: { path: '/api/agents/assistant/state-${id}', body: { kind: 'user', body: 'remember this' } },
      read: { path: '/api/agents/assistant/state-${id}' },
      stream: {
        before: { path: '/api/agents/assistant/stream-${id}', body: { kind: 'user', body: 'hold this stream open' } },
        path: '/api/agents/assistant/stream-${id}?view=updates&live=sse&offset=-1',
      },
    });
  });

  test('are not made up', () => {
    expect(probesOf(read(FLUE_0))).toBeUndefined();
    expect(probesOf(read(FLUE_2))).toBeUndefined();
  });
});
