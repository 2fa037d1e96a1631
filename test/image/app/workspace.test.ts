import * as fs from 'node:fs';
import * as path from 'node:path';
import { readApp } from './support';
import { appDirectory, newImage, pnpmLock, removeFixtures, stagedDockerfile, stagedFiles, type Files } from '../fixtures';
import { LEFT_OUT, RANDOM } from '../secret-files';

afterEach(removeFixtures);

const FLUE = { dependencies: { '@flue/runtime': '2.0.3', '@x/lib': 'workspace:*' }, devDependencies: { '@flue/vite': '2.0.3', 'vite': '8.3.8', '@x/tsconfig': 'workspace:*' } };
const LIB = { name: '@x/lib', version: '1.0.0', main: 'dist/index.js', dependencies: { '@x/deep': 'workspace:^' }, scripts: { build: 'tsc' } };
const DEEP = { name: '@x/deep', version: '1.2.0', main: 'index.js' };

const PACKAGES: Files = {
  'package.json': '{"name":"root","private":true}',
  'apps/agents/package.json': JSON.stringify({ name: 'agents', ...FLUE }),
  'apps/agents/src/app.ts': 'app.get("/health", ok)',
  'apps/agents/dist/server.mjs': '',
  'apps/web/package.json': '{"name":"web"}',
  'apps/web/src/index.ts': '',
  'packages/lib/package.json': JSON.stringify(LIB),
  'packages/lib/src/index.ts': '',
  'packages/lib/dist/index.js': '',
  'packages/deep/package.json': JSON.stringify(DEEP),
  'packages/deep/index.js': '',
  'packages/tsconfig/package.json': '{"name":"@x/tsconfig"}',
  'packages/tsconfig/base.json': '{}',
  'packages/other/package.json': '{"name":"@x/other","dependencies":{"@x/lib":"workspace:*"}}',
  'packages/other/index.js': '',
};
const PNPM: Files = {
  ...PACKAGES,
  'pnpm-workspace.yaml': 'packages:\n  - "./apps/*"\n  - packages/*\n  - "!packages/ignored"\n',
  'pnpm-lock.yaml': pnpmLock({ '.': {}, 'apps/agents': FLUE, 'packages/lib': LIB }),
};
/** npm, Yarn 1 and bun link by the name and the version. */
const byVersion = (files: Files): Files => Object.fromEntries(Object.entries(files).map(([name, content]) => [name, content.replaceAll('workspace:^', '^1.0.0').replaceAll('workspace:', '')]));
const NPM: Files = {
  ...byVersion(PACKAGES),
  'package.json': '{"name":"root","workspaces":{"packages":["apps/*","packages/*"]}}',
  'package-lock.json': JSON.stringify({
    packages: {
      'node_modules/@flue/runtime': { version: '2.0.3' },
      'apps/agents/node_modules/@flue/vite': { version: '2.0.3' },
      'node_modules/vite': { version: '8.3.8' },
      'node_modules/@x/lib': { link: true, resolved: 'packages/lib' },
      'node_modules/@x/deep': { link: true, resolved: 'packages/deep' },
      'node_modules/@x/tsconfig': { link: true, resolved: 'packages/tsconfig' },
    },
  }),
};

const at = (files: Files, changes: { readonly [name: string]: string | undefined } = {}, folder = 'apps/agents') => path.join(appDirectory(files, changes), folder);

describe.each([['pnpm', PNPM], ['npm', NPM]])('a package of a workspace of %s', (manager, files) => {
  const lockfile = manager === 'npm' ? 'package-lock.json' : 'pnpm-lock.yaml';

  test('is built with what it needs of the workspace, and nothing else', () => {
    expect(stagedFiles(newImage(at(files)))).toEqual([
      '.cdk-flue/rds-ca-bundle.pem', 'Dockerfile', 'apps/agents/package.json', 'apps/agents/src/app.ts', 'package.json', lockfile,
      'packages/deep/index.js', 'packages/deep/package.json', 'packages/lib/dist/index.js', 'packages/lib/package.json', 'packages/lib/src/index.ts',
      'packages/tsconfig/base.json', 'packages/tsconfig/package.json', ...manager === 'npm' ? [] : ['pnpm-workspace.yaml'],
    ].sort());
  });

  test('has a hash that follows what goes in', () => {
    const hashOf = (changes: Files) => newImage(at(files, changes)).asset.assetHash;
    const expected = hashOf({});
    expect(hashOf({ 'packages/other/index.js': 'changed', 'apps/web/src/index.ts': 'changed', 'README.md': 'new', 'apps/agents/dist/server.mjs': 'built' })).toBe(expected);
    for (const name of ['packages/deep/index.js', 'packages/lib/dist/index.js', 'apps/agents/src/app.ts', 'packages/tsconfig/base.json']) {
      expect(hashOf({ [name]: '// changed' })).not.toBe(expected);
    }
  });

  test('is installed at the root, built and run in its folder', () => {
    expect(stagedDockerfile(newImage(at(files)))).toMatchSnapshot();
  });

  test('builds what it is linked to and nobody has built, the deepest first', () => {
    const deep = JSON.stringify({ ...DEEP, main: 'dist/index.js', scripts: { build: 'tsc' } });
    const image = newImage(at(files, { 'packages/lib/dist/index.js': undefined, 'packages/deep/package.json': deep }));
    const run = manager === 'npm' ? 'npm run build' : 'pnpm run build';
    const exec = manager === 'npm' ? 'npx' : 'pnpm exec';
    expect(stagedDockerfile(image)).toContain(`RUN (cd ../../packages/deep && ${run}) && (cd ../../packages/lib && ${run}) && ${exec} vite build\n`);
  });

  test('is refused with a lockfile that is older than the manifest of a package that it is linked to', () => {
    const lib = JSON.stringify({ ...LIB, dependencies: { ...LIB.dependencies, zod: '^4.0.0' } });
    const changed = manager === 'npm' ? byVersion({ lib }).lib : lib;
    expect(() => newImage(at(files, { 'packages/lib/package.json': changed })))
      .toThrow(/that agrees with the package\.json of packages\/lib, got: zod@\^4\.0\.0 is not locked in .+\. Run `(npm|pnpm) install` there and commit the lockfile/);
    const lock = manager === 'npm' ? files[lockfile].replace('"packages":{', '"packages":{"node_modules/zod":{"version":"4.1.0"},')
      : pnpmLock({ '.': {}, 'apps/agents': FLUE, 'packages/lib': JSON.parse(lib) });
    expect(() => newImage(at(files, { 'packages/lib/package.json': changed, [lockfile]: lock }))).not.toThrow();
    expect(() => newImage(at(files, { 'packages/other/package.json': '{"name":"@x/other","dependencies":{"zod":"^4.0.0"}}' }))).not.toThrow();
  });

  test('is found when the workspace is named, and refused when it does not list it', () => {
    const directory = at(files);
    const root = path.join(directory, '../..');
    expect(newImage(directory, { workspace: root }).asset.assetHash).toBe(newImage(directory).asset.assetHash);
    const elsewhere = at(files, manager === 'npm' ? { 'package.json': '{"workspaces":["packages/*"]}' } : { 'pnpm-workspace.yaml': 'packages: [packages/*]' });
    expect(() => newImage(elsewhere, { workspace: path.join(elsewhere, '../..') }))
      .toThrow(/`workspace` must list the app among its packages, got: .+, which does not list apps\/agents\. Add the folder to `(packages` of pnpm-workspace\.yaml|workspaces` of its package\.json)/);
    expect(() => newImage(directory, { workspace: path.join(root, 'packages') })).toThrow(/`workspace` must be the root of a workspace, got: .+, which holds no package\.json/);
    expect(() => newImage(directory, { workspace: path.join(root, 'apps/web') })).toThrow(/`workspace` must list the app among its packages/);
  });

  test('may be installed by scripts, which need every file', () => {
    const root = files['package.json'].replace('{', '{"scripts":{"postinstall":"node setup.js"},');
    expect(stagedDockerfile(newImage(at(files, { 'package.json': root })))).toMatch(/AS dependencies\n(ENV CI=true\n(?:ENV .+\n)+)?WORKDIR \/app\n(RUN .*\n)?COPY \. \.\/\nRUN /);
  });

  test('extends a tsconfig above', () => {
    const image = newImage(at(files, {
      'apps/agents/tsconfig.json': '{ // of the repository\n "extends": "../../tsconfig.base", }', 'tsconfig.base.json': '{ "extends": ["./tsconfig.strict.json"] }', 'tsconfig.strict.json': '{}',
    }));
    expect(stagedFiles(image)).toEqual(expect.arrayContaining(['tsconfig.base.json', 'tsconfig.strict.json']));
    expect(() => newImage(at(files, { 'apps/agents/tsconfig.json': '{"extends":"../../tsconfig.base.json"}' })))
      .toThrow(/must hold what its tsconfig\.json extends, got: \.\.\/\.\.\/tsconfig\.base\.json in .+, where nothing is/);
  });

  test('says where no lockfile is', () => {
    expect(() => newImage(at(files, { [lockfile]: undefined }))).toThrow(/must hold a lockfile, got: none of .+ in .+\. Run/);
  });

  test('leaves out what its own ignore file and that of the root name', () => {
    const staged = stagedFiles(newImage(at(files, { '.dockerignore': 'packages/lib/src\n', 'packages/deep/.dockerignore': '*.md\n', 'packages/deep/a.md': '', 'apps/agents/.dockerignore': 'notes\n', 'apps/agents/notes/a': '' })));
    expect(staged).not.toEqual(expect.arrayContaining(['packages/lib/src/index.ts']));
    expect(staged.filter((name) => /a\.md$|notes/.test(name))).toEqual([]);
  });
});

test('a lockfile of pnpm may hold the peers of a package, which it installs too', () => {
  const lib = { ...LIB, peerDependencies: { zod: '^4.0.0' } };
  const lock = pnpmLock({ '.': {}, 'apps/agents': FLUE, 'packages/lib': { dependencies: { ...LIB.dependencies, zod: '^4.0.0' } } });
  expect(() => newImage(at(PNPM, { 'packages/lib/package.json': JSON.stringify(lib), 'pnpm-lock.yaml': lock }))).not.toThrow();
  expect(() => newImage(at(PNPM, { 'pnpm-lock.yaml': lock }))).toThrow(/the package\.json of packages\/lib, got: zod is locked and not in package\.json/);
});

test('a package may be a link to a folder elsewhere, whose files come in its place', () => {
  const moved = Object.fromEntries(Object.entries(NPM).map(([name, content]) => [name.replace(/^packages\/deep\//, 'elsewhere/deep/'), content]));
  const root = appDirectory(moved);
  fs.symlinkSync('../elsewhere/deep', path.join(root, 'packages/deep'));
  fs.symlinkSync('..', path.join(root, 'packages/circle'));
  expect(stagedFiles(newImage(path.join(root, 'apps/agents')))).toEqual(stagedFiles(newImage(at(NPM))));
});

test('a lockfile of Yarn 1 names no package of the workspace', () => {
  const lock = ['@flue/runtime@2.0.3', '@flue/vite@2.0.3', 'vite@8.3.8'].map((key) => `"${key}":\n  version "${key.split('@').pop()}"\n`).join('\n');
  expect(() => newImage(at(NPM, { 'package-lock.json': undefined, 'yarn.lock': lock }))).not.toThrow();
});

describe.each([['pnpm', PNPM], ['npm', NPM]])('an own Dockerfile at the root of a workspace of %s', (_, files) => {
  const DOCKERFILE: Files = { 'apps/agents/Dockerfile': 'FROM node:22\nWORKDIR /app\nCOPY . .\nUSER node\nCMD ["node", "dist/server.mjs"]\n' };
  const staged = (changes: Files = {}) => {
    const directory = at(files, { ...DOCKERFILE, ...changes });
    return stagedFiles(newImage(directory, { workspace: path.join(directory, '../..') }));
  };

  test('copies no file of secrets, of the app, of a package that it is linked to, or of the root', () => {
    const expected = staged();
    expect(expected).toEqual(expect.arrayContaining(['apps/agents/Dockerfile', 'packages/deep/index.js', 'packages/lib/src/index.ts']));
    const secrets = LEFT_OUT.flatMap(([name, content]) => ['', 'apps/agents/', 'packages/lib/', 'packages/deep/config/'].map((folder) => [`${folder}${name}`, content] as const));
    expect(staged({ ...Object.fromEntries(secrets), '.dockerignore': '!**\n', 'packages/lib/.dockerignore': '!.env\n!**/.*\n' })).toEqual(expected);
  });

  test('is refused with a key in a package that the app is linked to', () => {
    expect(() => staged({ 'packages/deep/index.js': `const key = 'sk-ant-api03-${RANDOM}';` })).toThrow(/an Anthropic key in line 1 of packages\/deep\/index\.js/);
    expect(() => staged({ 'packages/lib/.npmrc': '//registry.npmjs.org/:_authToken=abcdef\n' })).toThrow(/a token in packages\/lib\/\.npmrc/);
    expect(staged({ 'packages/other/index.js': `const key = 'sk-ant-api03-${RANDOM}';` })).toEqual(staged());
  });

  test('stays, whatever the ignore file of the root says', () => {
    expect(staged({ '.dockerignore': '**/Dockerfile*\n' })).toContain('apps/agents/Dockerfile');
  });
});

test('what `include` names stays where the ignore file of the root leaves it out', () => {
  const directory = at(PNPM, { '.dockerignore': '**/*.md\n**/prompts\n', 'apps/agents/prompts/a.md': 'A', 'apps/agents/AGENTS.md': '#', 'apps/agents/README.md': '' });
  const image = newImage(directory, { include: ['prompts'] });
  expect(stagedFiles(image)).toEqual(expect.arrayContaining(['apps/agents/AGENTS.md', 'apps/agents/prompts/a.md']));
  expect(stagedFiles(image)).not.toContain('apps/agents/README.md');
  expect(stagedDockerfile(image)).toContain('COPY --from=build /app/apps/agents/prompts ./prompts\n');
});

test('a workspace of Yarn has every manifest, without which its lockfile is refused', () => {
  const lock = '__metadata:\n  version: 8\n\n"@flue/runtime@npm:2.0.3":\n  version: 2.0.3\n\n"@flue/vite@npm:2.0.3":\n  version: 2.0.3\n\n"vite@npm:8.3.8":\n  version: 8.3.8\n';
  const files = { ...PACKAGES, 'package.json': '{"workspaces":["apps/*","packages/**"],"packageManager":"yarn@4.18.1"}', 'yarn.lock': lock, '.yarn/releases/yarn-4.18.1.cjs': '', '.yarn/cache/x.zip': '' };
  const image = newImage(at(files));
  expect(stagedFiles(image)).toEqual(expect.arrayContaining(['.yarn/releases/yarn-4.18.1.cjs', 'apps/web/package.json', 'packages/other/package.json']));
  expect(stagedFiles(image).filter((name) => /packages\/other\/index|web\/src|cache/.test(name))).toEqual([]);
  expect(stagedDockerfile(image)).toMatchSnapshot();
});

describe('an app at the root of a workspace', () => {
  const files: Files = {
    ...byVersion(Object.fromEntries(Object.entries(PACKAGES).filter(([name]) => !name.startsWith('apps/')))),
    'package.json': JSON.stringify({ name: 'agents', workspaces: ['packages/*', '.'], dependencies: { '@flue/runtime': '2.0.3', '@x/deep': '*' }, devDependencies: { '@flue/vite': '2.0.3', 'vite': '8.3.8' } }),
    'package-lock.json': JSON.stringify({
      packages: {
        'node_modules/@flue/runtime': { version: '2.0.3' }, 'node_modules/@flue/vite': { version: '2.0.3' }, 'node_modules/vite': { version: '8.3.8' }, 'node_modules/@x/deep': { link: true, resolved: 'packages/deep' },
      },
    }),
    'src/app.ts': '',
  };

  test('leaves out the packages that it does not need', () => {
    expect(stagedFiles(newImage(at(files, {}, '.')))).toEqual(
      ['.cdk-flue/rds-ca-bundle.pem', 'Dockerfile', 'package-lock.json', 'package.json', 'packages/deep/index.js', 'packages/deep/package.json', 'src/app.ts']);
  });

  test.each([
    'npm --workspace @x/other run build', 'npm run build -w packages/other', 'pnpm --filter=@x/other... run build', 'pnpm -F "@x/oth*" build', 'yarn workspace @x/other build',
    'cd packages/other && make', 'npm --prefix ./packages/other run build',
  ])('takes along the package in which its build runs something: %s', (ui) => {
    const manifest = { ...JSON.parse(files['package.json']) as object, scripts: { 'build': 'npm run build:server', 'build:server': 'vite build', 'postbuild': 'npm run ui', ui } };
    const image = newImage(at(files, { 'package.json': JSON.stringify(manifest), 'packages/other/package.json': '{"name":"@x/other"}', 'vite.config.ts': 'import { flue } from \'@flue/vite\';\nexport default { plugins: [flue()] };\n' }, '.'));
    expect(stagedFiles(image)).toContain('packages/other/index.js');
    expect(stagedFiles(image)).not.toContain('packages/tsconfig/base.json');
    expect(stagedDockerfile(image)).not.toContain('COPY --from=production /app/packages/other');
  });

  test('ships no sources of its own', () => {
    const dockerfile = stagedDockerfile(newImage(at(files, {}, '.')));
    expect(dockerfile.slice(dockerfile.lastIndexOf('FROM')).split('\n').filter((line) => line.startsWith('COPY --from'))).toEqual([
      'COPY --from=production /app/node_modules ./node_modules', 'COPY --from=production /app/packages/deep /app/packages/deep',
      'COPY --from=build /app/package.json ./', 'COPY --from=build /app/dist ./dist',
    ]);
  });
});

describe('an app with a lockfile of its own', () => {
  const own = { 'package.json': JSON.stringify({ dependencies: { '@flue/runtime': '2.0.3', 'shared': 'file:../shared' }, devDependencies: { '@flue/vite': '2.0.3', 'vite': '8.3.8' } }) };
  const lock = JSON.stringify({
    packages: {
      'node_modules/@flue/runtime': { version: '2.0.3' }, 'node_modules/@flue/vite': { version: '2.0.3' }, 'node_modules/vite': { version: '8.3.8' }, 'node_modules/shared': { link: true, resolved: '../shared' },
    },
  });
  const files: Files = { 'agents/package.json': own['package.json'], 'agents/package-lock.json': lock, 'agents/src/app.ts': '', 'shared/package.json': '{"name":"shared"}', 'shared/index.js': '', 'secrets/key': '' };

  test('takes along the folder beside it that it links to', () => {
    const image = newImage(at(files, {}, 'agents'));
    expect(stagedFiles(image)).toEqual(['.cdk-flue/rds-ca-bundle.pem', 'Dockerfile', 'agents/package-lock.json', 'agents/package.json', 'agents/src/app.ts', 'shared/index.js', 'shared/package.json']);
    expect(stagedDockerfile(image)).toMatchSnapshot();
  });

  test('takes along the tsconfig above that it extends', () => {
    const alone = { ...files, 'agents/package.json': own['package.json'].replace(',"shared":"file:../shared"', ''), 'agents/tsconfig.json': '{"extends":"../tsconfig.json"}', 'tsconfig.json': '{}' };
    expect(stagedFiles(newImage(at(alone, {}, 'agents')))).toContain('tsconfig.json');
  });

  test('stands alone in a workspace that it asks nothing of', () => {
    const root = { 'package.json': '{"workspaces":["agents","shared"]}', 'package-lock.json': '{}' };
    expect(readApp(at({ ...files, ...root }, {}, 'agents')).workspace.directory).toMatch(/agents$/);
  });

  test('takes along a package archive', () => {
    const archived = { ...files, 'agents/package.json': own['package.json'].replace('file:../shared', 'file:../vendor/shared-1.0.0.tgz'), 'vendor/shared-1.0.0.tgz': 'x' };
    const image = newImage(at(archived, {}, 'agents'));
    expect(stagedFiles(image)).toContain('vendor/shared-1.0.0.tgz');
    expect(stagedDockerfile(image)).toContain('COPY . /app/\nRUN npm ci');
  });
});

test('a lockfile above that does not list the app is named', () => {
  const files = { 'package.json': '{}', 'package-lock.json': '{}', 'server/package.json': JSON.stringify({ dependencies: { '@flue/runtime': '2.0.3' } }) };
  expect(() => newImage(at(files, {}, 'server'))).toThrow(/must hold a lockfile, got: none of .+ in .+server, and package-lock\.json in .+, which does not list it among its packages\. Add server to the workspace of/);
});

test('nobody looks above the root of a repository', () => {
  const files = { 'package.json': '{"workspaces":["*"]}', 'package-lock.json': '{}', 'repo/.git/config': '', 'repo/package.json': JSON.stringify({ dependencies: { '@flue/runtime': '2.0.3' } }) };
  expect(() => newImage(at(files, {}, 'repo'))).toThrow(/none of npm-shrinkwrap\.json, .+\/repo\. Run/);
});

describe('an own Dockerfile in a workspace', () => {
  const dockerfile = { 'apps/agents/Dockerfile': 'FROM node:22\nCOPY . .\nUSER node\nCMD ["node", "apps/agents/dist/server.mjs"]\n' };

  test('is built in the directory of the app', () => {
    expect(stagedFiles(newImage(at(PNPM, dockerfile)))).toEqual(['Dockerfile', 'package.json', 'src/app.ts']);
  });

  test('is built at the root where that is named', () => {
    const directory = at(PNPM, dockerfile);
    const staged = stagedFiles(newImage(directory, { workspace: path.join(directory, '../..') }));
    expect(staged).toEqual(expect.arrayContaining(['apps/agents/Dockerfile', 'packages/lib/dist/index.js', 'pnpm-lock.yaml']));
    expect(staged).not.toContain('packages/other/index.js');
  });
});
