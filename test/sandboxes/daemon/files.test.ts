import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon } from './daemon';

const MAX_FILE_BYTES = 32 * 1024 * 1024;
let daemon: Daemon;
let outside: string;
const inWorkspace = (name: string) => join(daemon.workspace, name);

beforeAll(async () => {
  daemon = await Daemon.start();
  outside = join(daemon.temporary, '..', `${daemon.temporary.split('/').at(-1)}-outside`);
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret'), 'kept');
  symlinkSync(outside, inWorkspace('away'));
  symlinkSync(join(outside, 'secret'), inWorkspace('away-file'));
  symlinkSync(join(outside, 'new'), inWorkspace('to-nothing'));
  symlinkSync(inWorkspace('looped'), inWorkspace('looped'));
});
afterAll(async () => {
  await daemon.stop();
  rmSync(outside, { recursive: true });
});

test.each(['workspace', 'temporary'] as const)('a file is written, described, listed, read and deleted (%s)', async root => {
  const file = join(daemon[root], 'a b&c.bin');
  const content = Buffer.from([0, 255, 10, 13, 128]);
  expect((await daemon.at('PUT', '/files', file, content)).status).toBe(204);
  expect((await daemon.at('GET', '/stat', file)).json).toEqual({ isFile: true, isDirectory: false, isSymbolicLink: false, size: 5, mtimeMs: expect.any(Number) as number });
  expect((await daemon.at('GET', '/list', daemon[root])).json.entries).toContain('a b&c.bin');
  expect((await daemon.at('GET', '/files', file)).body).toEqual(content);
  expect((await daemon.at('DELETE', '/files', file)).status).toBe(204);
  expect(await daemon.at('GET', '/files', file)).toMatchObject({ status: 404, json: { code: 'ENOENT' } });
});

test('directories are made and deleted, with what is in them where that is asked for', async () => {
  const [parent, deep] = [inWorkspace('one'), inWorkspace('one/two/three')];
  expect((await daemon.at('POST', '/directories', deep)).status).toBe(404);
  expect((await daemon.at('POST', '/directories', deep, undefined, '&recursive=true')).status).toBe(204);
  expect((await daemon.at('POST', '/directories', deep, undefined, '&recursive=true')).status).toBe(204);
  expect((await daemon.at('POST', '/directories', deep)).status).toBe(409);
  expect((await daemon.at('GET', '/list', parent)).json).toEqual({ entries: ['two'] });
  expect((await daemon.at('GET', '/files', parent)).status).toBe(400);
  expect((await daemon.at('PUT', '/files', parent, 'x')).status).toBe(400);
  expect((await daemon.at('DELETE', '/files', parent)).status).toBe(400);
  expect((await daemon.at('DELETE', '/files', parent, undefined, '&recursive=true')).status).toBe(204);
  expect(existsSync(parent)).toBe(false);
  expect((await daemon.at('DELETE', '/files', parent)).status).toBe(404);
  expect((await daemon.at('DELETE', '/files', parent, undefined, '&force=true')).status).toBe(204);
});

test('a path that leaves by dots or by a link is refused by every route, and nothing outside changes', async () => {
  const ways = [
    join(outside, 'secret'), `${daemon.workspace}/../${outside.split('/').at(-1)}/secret`, '/etc/passwd', '/', tmpdir(), `${daemon.workspace}x`,
    inWorkspace('away/secret'), inWorkspace('away/new'), inWorkspace('away/new/deep'), inWorkspace('to-nothing'), inWorkspace('to-nothing/deep'),
  ];
  const routes = [['GET', '/files'], ['PUT', '/files'], ['GET', '/stat'], ['GET', '/list'], ['POST', '/directories']] as const;
  for (const path of ways) {
    for (const [method, route] of routes) {
      expect([path, method, route, (await daemon.at(method, route, path, method === 'PUT' ? 'overwritten' : undefined)).status]).toEqual([path, method, route, 403]);
    }
  }
  for (const path of ways.filter(way => !way.endsWith('/to-nothing'))) {
    expect([path, (await daemon.at('DELETE', '/files', path, undefined, '&recursive=true&force=true')).status]).toEqual([path, 403]);
  }
  for (const [method, route] of routes) {
    expect((await daemon.at(method, route, inWorkspace('away-file'), method === 'PUT' ? 'overwritten' : undefined)).status).toBe(403);
  }
  expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('kept');
  expect(existsSync(join(outside, 'new'))).toBe(false);
});

test('a link inside is followed, described as one, and deleted without what it leads to', async () => {
  writeFileSync(inWorkspace('real'), 'content');
  symlinkSync('real', inWorkspace('link'));
  symlinkSync(outside, inWorkspace('away-too'));
  expect((await daemon.at('GET', '/files', inWorkspace('link'))).body.toString()).toBe('content');
  expect((await daemon.at('GET', '/stat', inWorkspace('link'))).json).toMatchObject({ isFile: true, isSymbolicLink: true, size: 7 });
  for (const [link, target] of [['link', inWorkspace('real')], ['away-too', join(outside, 'secret')]]) {
    expect((await daemon.at('DELETE', '/files', inWorkspace(link), undefined, '&recursive=true')).status).toBe(204);
    expect(existsSync(inWorkspace(link))).toBe(false);
    expect(existsSync(target)).toBe(true);
  }
});

test.each([['a relative path', 'real'], ['no path', ''], ['a zero byte', '/workspace/\0']])('refuses %s', async (_, path) => {
  expect((await daemon.at('GET', '/stat', path)).status).toBe(400);
});

test('refuses a path that is missing, a link in a circle, and a file as a directory', async () => {
  expect((await daemon.call('GET', '/stat')).status).toBe(400);
  expect((await daemon.at('GET', '/stat', inWorkspace('looped'))).status).toBe(400);
  writeFileSync(inWorkspace('plain'), '');
  expect((await daemon.at('GET', '/stat', inWorkspace('plain/deep'))).status).toBe(400);
  expect((await daemon.at('GET', '/list', inWorkspace('plain'))).status).toBe(400);
});

test('the workspace itself stays', async () => {
  for (const root of [daemon.workspace, daemon.temporary]) {
    expect((await daemon.at('DELETE', '/files', `${root}/`, undefined, '&recursive=true')).status).toBe(403);
    expect(existsSync(root)).toBe(true);
  }
});

test('a file of 32 MiB is written and read, and a larger one is not', async () => {
  const file = inWorkspace('large');
  expect((await daemon.at('PUT', '/files', file, Buffer.alloc(MAX_FILE_BYTES, 1))).status).toBe(204);
  expect((await daemon.at('GET', '/files', file)).body).toHaveLength(MAX_FILE_BYTES);
  expect((await daemon.at('PUT', '/files', file, Buffer.alloc(MAX_FILE_BYTES + 1))).status).toBe(413);
  expect(readFileSync(file)[0]).toBe(1);
  truncateSync(file, MAX_FILE_BYTES + 1);
  expect((await daemon.at('GET', '/files', file)).json).toMatchObject({ message: `${file} holds 33554433 bytes, and at most 33554432 are read.` });
});

test('a pipe is no file, so that no request waits for its other end', async () => {
  await daemon.exec('mkfifo pipe');
  expect((await daemon.at('GET', '/files', inWorkspace('pipe'))).status).toBe(400);
  expect((await daemon.at('PUT', '/files', inWorkspace('pipe'), 'x')).status).toBe(400);
});

test('what is no route is not found', async () => {
  expect(await daemon.call('GET', '/exec')).toMatchObject({ status: 404, json: { message: 'The sandbox has no GET /exec.' } });
  expect((await daemon.call('GET', '/__proto__')).status).toBe(404);
});
