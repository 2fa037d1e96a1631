import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkedDatabaseUrl } from '../src/lib/database-url.ts';

const accepted = [
  'postgres://localhost/flue',
  'postgresql://flue:p%40ss%3Aw%2Fo%3Fr%23d%251@db.example.com:5432/flue?sslmode=verify-full',
  'postgresql://flue:secret@[::1]:5432/flue?search_path=shard_a&max=5',
];

const refused = [
  ['a bare word', 'hunter2'],
  ['the JSON form of a database secret', '{"username":"flue","password":"hunter2","host":"db.example.com","port":5432}'],
  ['another scheme', 'mysql://flue:hunter2@db.example.com/flue'],
  ['no host', 'postgresql:///hunter2'],
  ['an unescaped # in the password', 'postgresql://flue:12#hunter2@db.example.com/flue'],
  ['an unescaped / in the password', 'postgresql://flue:12/hunter2@db.example.com/flue'],
  ['an unescaped ? in the password', 'postgresql://flue:12?hunter2@db.example.com/flue'],
  ['an unescaped % in the password', 'postgresql://flue:hunter2%@db.example.com/flue'],
  ['an unescaped @ in the password', 'postgresql://flue:12@hunter2,3@db.example.com/flue'],
  ['a trailing newline', 'postgresql://flue:hunter2@db.example.com/flue\n'],
] as const;

test('an unset DATABASE_URL stays unset', () => {
  assert.equal(checkedDatabaseUrl(undefined), undefined);
});

test('an empty DATABASE_URL is refused rather than taken for unset', () => {
  assert.throws(() => checkedDatabaseUrl(' '), /set but empty/);
});

for (const url of accepted) {
  test(`accepts ${url}`, () => assert.equal(checkedDatabaseUrl(url), url));
}

for (const [what, value] of refused) {
  test(`refuses ${what} without repeating it`, () => {
    assert.throws(
      () => checkedDatabaseUrl(value),
      (error: Error) => /not a PostgreSQL connection string/.test(error.message) && !error.stack?.includes('hunter2'),
    );
  });
}
