import crypto from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { shardFunction } from '../../src/edge/shard-function';
import { hashedShardOf } from '../../src/invariants/shards/partition';

/** What CloudFront sends on: its runtime has `crypto` as a module, and no names of Node.js beside it. */
function passed(uri: string, headers: object = {}, agentPaths = ['/agents/*/']): any {
  const code = shardFunction({ shards: 4, agentPaths }).replace("import crypto from 'crypto';", '');
  return runInNewContext(`${code}; handler(event)`, { crypto, event: { request: { uri, headers } } });
}

const shardIn = (uri: string, agentPaths?: string[]) => Number(passed(uri, {}, agentPaths).headers['x-flue-shard'].value);

test.each(['x1', 'X1', 'jo@example.com', 'a b', 'ä', '日本', '0', '%'])('the id %s goes where its server takes it', id => {
  const path = `/agents/support/${encodeURIComponent(id)}`;
  expect([shardIn(path), shardIn(`${path}/abort`), shardIn(`${path}/`)]).toEqual(Array(3).fill(hashedShardOf(id, 4)));
});

test('an id that spells plain characters as codes goes where the plain one does', () => {
  expect(shardIn('/agents/a/%61b')).toBe(hashedShardOf('ab', 4));
});

test.each(['/', '/health', '/agents/a', '/agents/a/', '/workflows/a/x1', '/agentsx/a/x1'])('%s goes home', uri => {
  expect(shardIn(uri)).toBe(0);
});

test('other paths of agents', () => {
  expect(shardIn('/team-a/agents/support/x3', ['/agents/*/', '/team-a/agents/*/'])).toBe(hashedShardOf('x3', 4));
});

test('what no server could read is refused', () => {
  expect(passed('/agents/a/%zz')).toMatchObject({ statusCode: 400 });
});

test('the header of a client is overwritten', () => {
  expect(passed('/health', { 'x-flue-shard': { value: '3' } }).headers['x-flue-shard'].value).toBe('0');
});

test('CloudFront takes its size', () => {
  expect(shardFunction({ shards: 16, agentPaths: Array(5).fill(`/${'a'.repeat(56)}/`) }).length).toBeLessThan(10240);
});
