import { causeOf, logTail, saidIn } from '../../../src/cli/rehearse/log';

/** What a server on Flue 0.10 prints when its database is not there, as Node.js 22 writes it. */
const NO_DATABASE = `(node:1) ExperimentalWarning: SQLite is an experimental feature
file:///app/dist/server.mjs:812
    throw new Error(\`[flue] Failed to initialize persistence from db.ts: \${message}\`, { cause });
          ^

Error: [flue] Failed to initialize persistence from db.ts: connect ECONNREFUSED 127.0.0.1:5432
    at createPersistence (file:///app/dist/server.mjs:812:11)
    at async file:///app/dist/server.mjs:901:3 {
  [cause]: Error: connect ECONNREFUSED 127.0.0.1:5432
      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1634:16) {
    errno: -111,
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: '127.0.0.1',
    port: 5432
  }
}

Node.js v22.23.3
`;

test('the sentence with the cause is found among the frames', () => {
  expect(causeOf(NO_DATABASE, [])).toBe('Error: [flue] Failed to initialize persistence from db.ts: connect ECONNREFUSED 127.0.0.1:5432');
  expect(logTail(NO_DATABASE, [], 4)).toMatch(/^Error: \[flue\] Failed to initialize persistence/);
  expect(logTail(NO_DATABASE, [])).not.toMatch(/ at |node:net|Node\.js v|throw new Error/);
});

test.each([
  ['what an error was caused by, where the error does not say it', 'Error: boot failed\n    at x (file:///a.mjs:1:1) {\n  [cause]: TypeError: Invalid URL\n      at new URL (node:internal/url:816:29)\n}\n',
    'Error: boot failed (TypeError: Invalid URL)'],
  ['the first of several errors', 'AggregateError [ECONNREFUSED]: \n    at internalConnectMultiple (node:net:1139:18) {\n  [errors]: [\n    Error: connect ECONNREFUSED ::1:5432\n        at x (node:net:1)\n  ]\n}\n',
    'AggregateError [ECONNREFUSED]: (Error: connect ECONNREFUSED ::1:5432)'],
  ['a message of several lines', 'Error: Missing variables:\n  - A\n  - B\n    at file:///app/env.mjs:3:9\n', 'Error: Missing variables: - A - B'],
  ['the last error of several', 'Error: the first, survived\n    at a (b:1:1)\nlistening\nRangeError: the last\n    at a (b:1:1)\n', 'RangeError: the last'],
  ['a module that is not there', 'node:internal/modules/package_json_reader:267\n  throw new ERR_MODULE_NOT_FOUND(packageName, null);\n        ^\n\nError [ERR_MODULE_NOT_FOUND]: Cannot find package \'hono\' imported from /app/dist/server.mjs\n    at Object.getPackageJSONURL (node:internal/modules/package_json_reader:267:9) {\n  code: \'ERR_MODULE_NOT_FOUND\'\n}\n\nNode.js v22.23.3\n',
    'Error [ERR_MODULE_NOT_FOUND]: Cannot find package \'hono\' imported from /app/dist/server.mjs'],
  ['the last words of a server without an error', 'starting\nNode.js v20.20.2 is not supported by Flue. Flue requires Node.js >=22.18\n', 'Node.js v20.20.2 is not supported by Flue. Flue requires Node.js >=22.18'],
])('%s', (_, output, cause) => expect(causeOf(output, [])).toBe(cause));

test('nothing has no cause', () => expect(causeOf('\n', [])).toBeUndefined());

test('a cause shows no secret', () => {
  expect(causeOf('TypeError: Invalid URL: hunter2-hunter2\n', ['hunter2-hunter2'])).toBe('TypeError: Invalid URL: [secret]');
});

test('a long cause is cut', () => {
  const cause = causeOf(`Error: ${'x'.repeat(1000)}`, []);
  expect(cause).toHaveLength(300);
  expect(cause).toMatch(/…$/);
});

test.each([
  ['{"error":{"type":"invalid_request","message":"Request body is invalid.","details":"kind is missing"}}', ' (Request body is invalid.: kind is missing)'],
  ['{"error":"unauthorized"}', ' (unauthorized)'],
  ['{"issues":[{"message":"Expected string"}]}', ' (Expected string)'],
  ['{"status":400}', ' ({"status":400})'],
  ['no such agent', ' (no such agent)'],
  ['<html><body>404</body></html>', ''],
  ['', ''],
  [undefined, ''],
])('what a server says of a refusal: %s', (body, said) => expect(saidIn(body, [])).toBe(said));

test('a refusal shows no secret', () => {
  expect(saidIn('{"message":"no token-77d0-abc"}', ['token-77d0-abc'])).toBe(' (no [secret])');
});
