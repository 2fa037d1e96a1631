import { parseOptions } from '../../../src/cli/init/options';

test('without arguments it is TypeScript on Express Mode, here', () => {
  expect(parseOptions([])).toEqual({ directory: '.', language: 'typescript', variant: 'express' });
});

test('the directory, the language and the variant can be said', () => {
  expect(parseOptions(['agents', '--language', 'python', '--variant=fargate']))
    .toEqual({ directory: 'agents', language: 'python', variant: 'fargate' });
});

test.each([
  [['a', 'b'], /one directory .*got: a b/],
  [['--language', 'java'], /^--language .*typescript, python, got: java/],
  [['--variant', 'lambda'], /^--variant .*express, fargate, ec2, got: lambda/],
  [[''], /directory .*empty/],
  [['--nope'], /Unknown option '--nope'/],
])('it refuses %j', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(message);
});
