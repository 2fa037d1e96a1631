import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashedShardOf, type ShardKeyName } from '../../../src/invariants/shards/partition';
import { SHARD_GUARD_PREFIX, shardGuardPreload } from '../../../src/invariants/shards/shard-guard';

const OF_FLEET = { shards: 4, agentPaths: ['/agents/*/'], homePaths: ['/agents/slack/*', '/hook?'] };
const EXAMPLE = join(__dirname, '../../../examples/agents');
/** The example is installed after `npm test`; a step of CI asks for its server then. */
const HAS_HONO = process.env.NEEDS_HONO === '1' || existsSync(join(EXAMPLE, 'node_modules/hono'));

const SERVERS = {
  'a server of Node.js': `
    const server = require('node:http').createServer((request, response) => { response.end('app'); });
    server.on('upgrade', (request, socket) => socket.end('HTTP/1.1 101 app\\r\\n\\r\\n'));
    server.on('checkContinue', (request, response) => response.end('app'));
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  `,
  'a server of Hono': `
    const { createRequire } = require('node:module');
    const load = createRequire(${JSON.stringify(`${EXAMPLE}/package.json`)});
    const { Hono } = load('hono');
    const app = new Hono();
    app.all('/agents/:name/:id/:rest?', c => c.text('app ' + c.req.param('id')));
    app.all('*', c => c.text('app'));
    const server = load('@hono/node-server').serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(port));
  `,
};

interface Reply {
  readonly status: number;
  readonly text: string;
}

const running: ChildProcess[] = [];
afterAll(() => running.forEach(child => child.kill('SIGKILL')));

async function start(code: string, shard?: number, key?: ShardKeyName): Promise<number> {
  const NODE_OPTIONS = shard === undefined ? '' : shardGuardPreload({ ...OF_FLEET, shard, key });
  const child = spawn(process.execPath, ['-e', code], { env: { PATH: process.env.PATH, NODE_OPTIONS }, stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', data => resolve(Number(data)));
    child.once('exit', status => reject(new Error(`the server ended with ${status}`)));
  });
}

/** Sends a target as it is written: a client of Node.js would refuse or change some. */
async function ask(port: number, target: string, headers: readonly string[] = []): Promise<Reply> {
  const own = headers.some(header => header.startsWith('Host:')) ? [] : ['Host: agents'];
  const connection = headers.some(header => header.startsWith('Connection:')) ? [] : ['Connection: close'];
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write([`GET ${target} HTTP/1.1`, ...own, ...connection, ...headers, '', ''].join('\r\n'), 'latin1'));
    socket.on('data', data => { answer += String(data); });
    socket.on('error', reject);
    socket.on('end', () => resolve({ status: Number(answer.split(' ')[1]), text: answer }));
  });
}

/** Each is the id x1 for the server of Flue. */
const SPELLINGS_OF_X1 = [
  '/agents/a/x1', '/agents/a/x1/abort', '/agents/a/x1?id=x2', '/agents/a/x1#/x2', '/agents/a/./x1', '/agents/a/zz/../x1', '/agents/a/%2e/x1',
  '/agents/a/zz/%2E%2e/x1', '/%61gents/a/x1', '/agents/a/%781', '/agents/a/x%31', 'http://agents/agents/a/x1', '/x/../agents/a/x1',
];

describe.each(Object.entries(SERVERS).filter(([name]) => HAS_HONO || !name.endsWith('Hono')))('%s', (name, code) => {
  let own: number;
  let other: number;
  let bare: number;
  beforeAll(async () => { [own, other, bare] = await Promise.all([start(code, 1), start(code, 2), start(code)]); });

  test.each(SPELLINGS_OF_X1)('refuses %s on another shard, and takes it on its own', async target => {
    expect((await ask(other, target)).status).toBe(421);
    const reply = await ask(own, target);
    expect(reply.status).toBe(200);
    expect(reply.text).toContain(name.endsWith('Hono') ? 'app x1' : 'app');
    // without the guard each shard would have a conversation x1 of its own
    expect((await ask(bare, target)).text.split('\r\n\r\n')[1]).toBe(reply.text.split('\r\n\r\n')[1]);
  });

  test.each(['/agents/a/x1/', '//agents/a/x1', '/agents//a/x1', '/Agents/a/x1'])('refuses %s on another shard: some server may take it for x1', async target => {
    expect((await ask(other, target)).status).toBe(421);
    expect((await ask(own, target)).status).toBe(200);
  });

  test.each(['/health', '/agents/a', '/agents/a/', '/workflows/x3', '/'])('takes %s on every shard', async target => {
    expect((await ask(own, target)).status).toBe(200);
    expect((await ask(other, target)).status).toBe(200);
  });

  test.each(['/agents/slack/x1', '/hooks', '/agents/a/x@', '/agents/a/%C3%A4', '/agents/slack/x2'])('leaves %s to the home shard', async target => {
    expect((await ask(own, target)).status).toBe(421);
    expect((await ask(other, target)).status).toBe(421);
  });

  test.each([
    ['a code that is none', '/agents/a/x%zz', []],
    ['a code that is no UTF-8', '/agents/a/%e9', []],
    ['a backslash', '/agents\\a\\x1', []],
    ['a host with a path', '/x1', ['Host: h/agents/a']],
    ['a host whose name grows', '/x1', ['Host: \u00fc/agents']],
  ])('refuses %s', async (_, target, headers) => {
    expect((await ask(own, target, headers)).status).toBe(400);
  });
});

describe('a request that is not handed over as `request`', () => {
  let port: number;
  beforeAll(async () => { port = await start(SERVERS['a server of Node.js'], 1); });

  test.each([
    ['an upgrade', ['Connection: upgrade', 'Upgrade: websocket'], 101],
    ['one that expects to go on', ['Expect: 100-continue', 'Content-Length: 0'], 200],
  ])('%s is refused on another shard', async (_, headers, taken) => {
    expect((await ask(port, '/agents/a/x1', headers)).status).toBe(taken);
    expect((await ask(port, '/agents/a/x2', headers)).status).toBe(421);
  });
});

describe('where the hash of an id decides', () => {
  const ports: number[] = [];
  beforeAll(async () => { ports.push(...await Promise.all([0, 1, 2, 3].map(shard => start(SERVERS['a server of Node.js'], shard, 'sha256')))); });

  test.each(['x1', 'jo@example.com', 'a b', 'ä', '日本', 'X1'])('one shard alone takes %s', async id => {
    const path = `/agents/a/${encodeURIComponent(id)}`;
    const statuses = await Promise.all(ports.map(async port => (await ask(port, path)).status));
    expect(statuses).toEqual([0, 1, 2, 3].map(shard => shard === hashedShardOf(id, 4) ? 200 : 421));
  });
});

describe('deliveries within the process', () => {
  let app: string;
  beforeAll(() => {
    app = mkdtempSync(join(tmpdir(), 'cdk-flue-dispatch-'));
    const write = (file: string, text: string) => {
      mkdirSync(join(app, file, '..'), { recursive: true });
      writeFileSync(join(app, file), text);
    };
    write('node_modules/@flue/runtime/package.json', '{ "name": "@flue/runtime", "exports": "./index.mjs" }');
    write('node_modules/@flue/runtime/index.mjs', 'export const dispatch = async (a, b) => (b ?? a).id;\nexport const init = (a, { id } = {}) => ({ id });\nexport const other = 1;\n');
    const asks = `
      const tried = async call => { try { await call(); return 'taken'; } catch ({ message }) { return message.split(':')[0]; } };
      console.log(JSON.stringify([other, ...await Promise.all([
        () => dispatch({ agent: 'a', id: 'x4', input: 1 }), () => dispatch({ agent: 'a', id: 'x5', input: 1 }), () => dispatch({}, { id: 'x5' }), () => init({}, { id: 'x5' }), () => init({}),
      ].map(tried))]));`;
    write('app.mjs', `import { dispatch, init, other } from '@flue/runtime';${asks}`);
    write('app.cjs', `const { dispatch, init, other } = require('@flue/runtime');(async () => {${asks}})();`);
  });
  afterAll(() => rmSync(app, { recursive: true }));
  const said = (shard: number, { file = 'app.mjs', ...changed }: { file?: string; homePaths?: string[]; key?: ShardKeyName } = {}) => {
    const NODE_OPTIONS = shardGuardPreload({ ...OF_FLEET, homePaths: [], shard, ...changed });
    const { stdout, stderr } = spawnSync(process.execPath, [join(app, file)], { env: { PATH: process.env.PATH, NODE_OPTIONS }, encoding: 'utf8' });
    return stdout === '' ? stderr : JSON.parse(stdout);
  };
  const OTHERS = 'This id belongs to another shard';

  test('to an id of another shard are refused, in every form', () => {
    expect(said(0)).toEqual([1, 'taken', OTHERS, OTHERS, OTHERS, 'taken']);
    expect(said(1)).toEqual([1, OTHERS, 'taken', 'taken', 'taken', 'taken']);
    expect(said(2, { homePaths: ['/agents/a/*'] })).toEqual([1, OTHERS, OTHERS, OTHERS, OTHERS, 'taken']);
  });

  test('are judged by the hash where it decides', () => {
    const judged = (id: string) => hashedShardOf(id, 4) === 3 ? 'taken' : OTHERS;
    expect(said(3, { key: 'sha256' })).toEqual([1, judged('x4'), judged('x5'), judged('x5'), judged('x5'), 'taken']);
  });

  test.each<[string, number, { file?: string; homePaths?: string[] }]>([
    ['on a home shard with paths of its own', 0, { homePaths: ['/agents/a/*'] }],
    ['from a CommonJS module', 0, { file: 'app.cjs' }],
  ])('are all taken %s', (_, shard, changed) => {
    expect(said(shard, changed)).toEqual([1, 'taken', 'taken', 'taken', 'taken', 'taken']);
  });
});

test('the word has nothing that would end it', () => {
  for (const key of ['lastCharacter', 'sha256'] as const) {
    const word = shardGuardPreload({ ...OF_FLEET, shard: 3, key });
    expect(word.startsWith(SHARD_GUARD_PREFIX)).toBe(true);
    expect(word).not.toMatch(/[\s"#?\\]/);
  }
});
