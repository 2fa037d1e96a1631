import { parseOptions } from '../../../src/cli/init/options';

test('without arguments it is TypeScript on Express Mode, here', () => {
  expect(parseOptions([])).toEqual({ directory: '.', language: 'typescript', variant: 'express', image: {} });
});

test('the directory, the language and the variant can be said', () => {
  expect(parseOptions(['agents', '--language', 'python', '--variant=fargate']))
    .toEqual({ directory: 'agents', language: 'python', variant: 'fargate', image: {} });
});

test('what no file of the app tells of its image can be said, in the names of FlueImage', () => {
  const words = ['--workspace', '..', '--build-command', 'make server', '--output-directory=out', '--command', 'node  out/server.mjs', '--dockerfile', 'provided', '--exclude', 'a', '--exclude', '*.md'];
  expect(parseOptions(words).image).toEqual({
    workspace: '..', buildCommand: 'make server', outputDirectory: 'out', command: ['node', 'out/server.mjs'], dockerfile: 'provided', exclude: ['a', '*.md'],
  });
  expect(parseOptions(['--command', '["node", "a b.mjs"]']).image.command).toEqual(['node', 'a b.mjs']);
});

test('previews can be asked for beside a workflow', () => {
  expect(parseOptions(['--ci', 'github', '--previews'])).toMatchObject({ ci: 'github', previews: true });
  expect(parseOptions(['--ci', 'github'])).not.toHaveProperty('previews');
});

test('a workflow, and the repository that it deploys, can be said', () => {
  expect(parseOptions(['--ci', 'github', '--repository', 'acme/agents'])).toMatchObject({ ci: 'github', repository: 'acme/agents' });
});

test('the adapter of sandboxes can be asked for', () => {
  expect(parseOptions(['agents', '--sandbox', '--workspace', '..'])).toMatchObject({ directory: 'agents', sandbox: 'fargate', image: { workspace: '..' } });
  expect(parseOptions(['--sandbox', '--sandbox-kind', 'code-interpreter']).sandbox).toBe('code-interpreter');
});

test.each([
  [['--sandbox-kind', 'fargate'], /^--sandbox-kind must come with --sandbox, got: fargate alone/],
  [['--sandbox', '--sandbox-kind', 'lambda'], /^--sandbox-kind must be one of fargate, code-interpreter, got: lambda/],
  [['--sandbox', '--ci', 'github'], /^--sandbox must come without --ci, which/],
  [['--sandbox', '--previews'], /^--sandbox must come without --previews, which/],
  [['--sandbox', '--variant', 'ec2'], /^--sandbox must come without --variant, which/],
  [['--sandbox', '--language', 'typescript'], /^--sandbox must come without --language, which/],
  [['--sandbox', '--repository', 'acme/agents'], /^--sandbox must come without --repository, which/],
  [['--ci', 'jenkins'], /^--ci must be one of github, got: jenkins/],
  [['--repository', 'acme/agents'], /^--repository must come with --ci, got: acme\/agents alone/],
  [['--previews'], /^--previews must come with --ci, got: it alone/],
  [['--ci', 'github', '--repository', 'acme/*'], /^--repository must be OWNER\/NAME, or OWNER@ID\/NAME@ID, got: acme\/\*/],
  [['--ci', 'github', '--repository', 'acme/agents.git'], /^--repository must be OWNER/],
  [['--ci', 'github', '--repository', `acme/${'a'.repeat(196)}`], /^--repository must be OWNER/],
  [['--workspace', ''], /^--workspace must not be empty/],
  [['--exclude', 'a', '--exclude', ''], /^--exclude must not be empty/],
  [['--command', '[1]'], /^--command must be words, or a JSON array of strings, got: \[1\]/],
  [['a', 'b'], /one directory .*got: a b/],
  [['--language', 'java'], /^--language .*typescript, python, got: java/],
  [['--variant', 'lambda'], /^--variant .*express, fargate, ec2, got: lambda/],
  [[''], /directory .*empty/],
  [['--nope'], /Unknown option '--nope'/],
])('it refuses %j', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(message);
});
