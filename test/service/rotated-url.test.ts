import { spawnSync } from 'node:child_process';
import { rotatedUrlPreload } from '../../src/service/rotated-url';

/** What a server reads as its connection string, and its child after it. */
function readWith(DATABASE_URL?: string): string {
  const script = 'const child=require("node:child_process").execFileSync(process.execPath,["-p","process.env.DATABASE_URL"],{encoding:"utf8"}).trim();'
    + 'console.log(process.env.DATABASE_URL===child?child:"the child reads "+child)';
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8', env: { PATH: process.env.PATH, NODE_OPTIONS: rotatedUrlPreload(), ...DATABASE_URL === undefined ? {} : { DATABASE_URL } },
  });
  return (stdout + stderr).trim();
}

test('the login becomes a connection string, whatever its password holds', () => {
  const password = 'p@ss:w/o?r#d%1 &+=$[]{}|"\'\\';
  const login = { engine: 'postgres', host: 'db.example.com', port: '5432', dbname: 'flue', username: 'flue_owner_login_clone', ssl: true, masterarn: 'arn:…', password };
  const url = new URL(readWith(JSON.stringify(login)));
  expect(url).toMatchObject({
    protocol: 'postgres:', username: 'flue_owner_login_clone', hostname: 'db.example.com', port: '5432', pathname: '/flue', search: '?sslmode=verify-full',
  });
  expect(decodeURIComponent(url.password)).toBe(password);
});

test('a connection string stays as it is, and none stays none', () => {
  const url = 'postgres://flue:secret@localhost:5432/flue?sslmode=verify-full';
  expect(readWith(url)).toBe(url);
  expect(readWith()).toBe('the child reads undefined');
});

test('it is one word of NODE_OPTIONS', () => {
  expect(rotatedUrlPreload()).not.toMatch(/[\s"\\]/);
});
