import { App, CfnParameter, Lazy, Stack, Stage } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { FLUE_2, PNPM_2, type Files } from './fixtures';
import { FlueBuild, FlueDockerfile, FlueFargateService, FlueImage, type FlueImageProps } from '../../src';

/** What somebody passes; a function gets the directory that the files are written to. */
export type Given = Partial<FlueImageProps> | ((root: string) => Partial<FlueImageProps>);

/** One refusal: an app that meets it, and the step out as its sentence says. */
export interface RefusalRow {
  /** The sentence, as `refusalsIn` reads it from the source. */
  readonly says: string;
  readonly app?: Changes;
  /** Folder of the app in what is written. */
  readonly folder?: string;
  readonly props?: Given;
  /** Links in what is written, to their targets. */
  readonly links?: { readonly [path: string]: string };
  /** What is made of it, where that is not an image in a stack. */
  readonly make?: (stack: Stack, props: FlueImageProps) => unknown;
  /** What the message must say of the way out. */
  readonly way: RegExp;
  /** The step: files and props that change, or another thing to make. */
  readonly step?: Pick<RefusalRow, 'app' | 'props' | 'make'> & { readonly links?: false };
  /** Why no test follows the step. */
  readonly unfollowed?: string;
}

/** Files, and what becomes of them; `undefined` deletes one. */
export type Changes = { readonly [path: string]: string | undefined };

const json = (value: object): string => JSON.stringify(value);
const manifest = (base: Files, more: object): string => json({ ...JSON.parse(base['package.json']!) as object, ...more });
const vite = (members: string, imports = ''): string => `import { flue } from '@flue/vite';\n${imports}export default { ${members} };\n`;
const CLOUDFLARE = vite('plugins: [flue(), cloudflare()]', 'import { cloudflare } from \'@cloudflare/vite-plugin\';\n');
const OWN = 'FROM node:22 AS base\nUSER node\nCMD ["node", "dist/server.mjs"]\n';
const own = (text: string): Changes => ({ ...FLUE_2, Dockerfile: text });
const NO_LOCK: Changes = { ...FLUE_2, 'package-lock.json': undefined };
const berry = (...versions: readonly string[]): string => `__metadata:\n  version: 8\n\n${versions.map((version) => `"${version}":\n  version: 2.0.3\n`).join('\n')}`;
const BERRY: Changes = { ...NO_LOCK, 'yarn.lock': berry('@flue/runtime@npm:^2.0.3', 'pg@npm:^8.16.0', '@flue/vite@npm:^2.0.3', 'vite@npm:^8.0.0') };
const RANDOM = 'tQ8vLm2XkP4sWn6ZrB1cYd9HfJ3gKe7u';
const build = (stack: Stack, props: FlueImageProps) => new FlueBuild(stack, 'Build', { directory: props.directory, outputDirectory: props.outputDirectory });
const imageIn = (stack: Stack, props: FlueImageProps) => new FlueImage(stack, 'Image', props);
const serve = (stack: Stack, image: FlueImage) => new FlueFargateService(stack, 'Agents', { image, vpc: new Vpc(stack, 'Vpc') });
const locked = (base: Files, packages: { readonly [name: string]: string | undefined }): string => {
  const lock = JSON.parse(base['package-lock.json']!) as { packages: { [path: string]: object } };
  Object.entries(packages).forEach(([name, version]) => {
    delete lock.packages[`node_modules/${name}`];
    Object.assign(lock.packages, version === undefined ? {} : { [`node_modules/${name}`]: { version } });
  });
  return json(lock);
};

/** Every refusal of the door of an image, with the step that leads out of it. */
export const REFUSALS: readonly RefusalRow[] = [
  // the directory
  { says: '`directory` must be known at synthesis, got: a token', app: FLUE_2, props: () => ({ directory: Lazy.string({ produce: () => '.' }) }), way: /as a plain string$/, step: { props: {} } },
  { says: '`directory` must be an existing directory, got: … (…)', app: FLUE_2, props: (root) => ({ directory: `${root}/nowhere` }), way: /`path\.join\(__dirname, …\)`/, step: { props: (root) => ({ directory: root }) } },
  { says: '`directory` must hold a package.json, got: …', app: { 'agents/x.ts': '' }, folder: 'agents', way: /Point it at the root of the Flue app$/, step: { app: Object.fromEntries(Object.entries(FLUE_2).map(([name, text]) => [`agents/${name}`, text])) } },
  { says: '`directory` must hold a lockfile, got: none of … in ……', app: NO_LOCK, way: /Run `npm install` there and commit the lockfile/, step: { app: { 'package-lock.json': FLUE_2['package-lock.json'] } } },
  { says: '`directory` must hold a … that can be read, got: … from …', app: NO_LOCK, links: { 'package-lock.json': '.' }, way: /Put a file there that you may read$/, step: { links: false, app: { 'package-lock.json': FLUE_2['package-lock.json'] } } },
  { says: '`directory` must hold a … with a … object, got: …', app: { ...FLUE_2, 'package.json': '[]' }, way: /Repair .+package\.json$/, step: { app: { 'package.json': FLUE_2['package.json'] } } },
  { says: '`directory` must hold all that its packages link to, got: a link from … in … to …, where nothing is', app: { ...FLUE_2, 'package.json': manifest(FLUE_2, { dependencies: { '@flue/runtime': '^2.0.3', 'pg': '^8.16.0', 'words': 'file:words' } }), 'package-lock.json': locked(FLUE_2, { words: '1.0.0' }) }, way: /Check out what it links to/, step: { app: { 'words/package.json': '{"name":"words"}' } } },
  { says: '`directory` must hold what its tsconfig.json extends, got: … in …, where nothing is', app: { ...FLUE_2, 'tsconfig.json': '{"extends":"../nowhere.json"}' }, way: /take the line out$/, step: { app: { 'tsconfig.json': '{}' } } },
  { says: '`directory` must not hold a symbolic link that leaves it, got: …', app: FLUE_2, links: { etc: '/etc' }, way: /list it in `exclude`$/, step: { props: { exclude: ['etc'] } } },
  { says: '`exclude` and .dockerignore must hold patterns that Docker reads, got: … for …', app: { ...FLUE_2, '.dockerignore': '[a\n' }, way: /Correct it, as in `docs\/\*\*`/, step: { app: { '.dockerignore': 'docs/**\n' } } },
  { says: '`directory` must not hold a token in …, got: a literal value of …', app: { ...FLUE_2, '.npmrc': `//registry.npmjs.org/:_authToken=${RANDOM}\n` }, way: /\$\{NPM_TOKEN\}/, step: { app: { '.npmrc': '//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n' }, props: { buildSecrets: { NPM_TOKEN: 'env=NPM_TOKEN' } } } },
  { says: '`directory` must not hold a secret, got: what looks like … in line … of …', app: { ...FLUE_2, 'src/key.ts': `export const key = 'ghp_${RANDOM}';\n` }, way: /`gitleaks:allow` on its line/, step: { app: { 'src/key.ts': `export const key = 'ghp_${RANDOM}'; // gitleaks:allow\n` } } },
  { says: '… must hold only variables that the install step has, got: ${…}', app: { ...FLUE_2, '.npmrc': '//npm.acme.io/:_authToken=${ACME}\n' }, way: /Pass `buildSecrets: \{ ACME: 'env=ACME' \}`$/, step: { props: { buildSecrets: { ACME: 'env=ACME' } } } },
  // what it is installed with
  { says: '`directory` must hold the lockfile of one package manager, got: … in …', app: { ...FLUE_2, 'pnpm-lock.yaml': PNPM_2['pnpm-lock.yaml'] }, way: /as in `"packageManager": "npm@11\.6\.2"`$/, step: { app: { 'package.json': manifest(FLUE_2, { packageManager: 'npm@11.6.2' }) } } },
  { says: '`directory` must pin the pnpm that wrote its pnpm-lock.yaml, got: format … and … in …', app: { ...PNPM_2, 'pnpm-lock.yaml': PNPM_2['pnpm-lock.yaml']!.replace('"9.0"', '"99.0"') }, way: /Write `"packageManager": "pnpm@…"` into package\.json/, step: { app: { 'package.json': manifest(FLUE_2, { packageManager: 'pnpm@99.0.0' }) } } },
  { says: '`directory` must hold a lockfile that can be read, got: bun.lockb in …', app: { ...NO_LOCK, 'bun.lockb': '\0' }, way: /--save-text-lockfile .+delete bun\.lockb and commit bun\.lock$/, step: { app: { 'bun.lockb': undefined, 'bun.lock': json({ workspaces: { '': JSON.parse(FLUE_2['package.json']!) as object }, packages: { '@flue/runtime': ['@flue/runtime@2.0.3'] } }) } } },
  { says: '`directory` must pin the Yarn that wrote its yarn.lock, got: … in …', app: BERRY, way: /Write `"packageManager": "yarn@…"` into package\.json/, step: { app: { 'package.json': manifest(FLUE_2, { packageManager: 'yarn@4.18.1' }) } } },
  { says: '`directory` must be installed by a Yarn that can leave build tools out, got: … without the plugin workspace-tools in …', app: { ...BERRY, 'package.json': manifest(FLUE_2, { packageManager: 'yarn@3.8.7' }) }, way: /or `yarn set version 4`$/, step: { app: { 'package.json': manifest(FLUE_2, { packageManager: 'yarn@4.18.1' }) } } },
  { says: '`directory` must hold a Flue app, got: …, whose package.json names none of …', app: { 'package.json': '{"name":"x"}', 'package-lock.json': '{"packages":{}}' }, way: /Run `npm install @flue\/runtime` there/, step: { app: FLUE_2 } },
  { says: '`directory` must hold a Flue app of a known version, got: …, whose … locks none of …', app: { ...FLUE_2, 'package-lock.json': '{"packages":{}}' }, way: /Run `npm install` there and commit the lockfile/, step: { app: { 'package-lock.json': FLUE_2['package-lock.json'] } } },
  { says: '`directory` must have the build tools of Flue ….x in its package.json, got: no …', app: { ...FLUE_2, 'package.json': manifest(FLUE_2, { devDependencies: { vite: '^8.0.0' } }) }, way: /Run `npm install --save-dev @flue\/vite` there/, step: { app: { 'package.json': FLUE_2['package.json'] } } },
  { says: '`directory` must lock a … that can be installed, got: … in …, whose dependencies no registry has', app: { ...FLUE_2, 'package-lock.json': locked(FLUE_2, { '@flue/vite': '2.0.4' }) }, way: /Run `npm install --save-dev @flue\/vite@2\.0\.3` there/, step: { app: { 'package-lock.json': FLUE_2['package-lock.json'] } } },
  { says: '`directory` must have a … that agrees with …, got: … in …', app: { ...FLUE_2, 'package-lock.json': locked(FLUE_2, { pg: undefined }) }, way: /Run `npm install` there and commit the lockfile$/, step: { app: { 'package-lock.json': FLUE_2['package-lock.json'] } } },
  { says: '`directory` must accept a Node.js that there is an image of, got: `engines.node` … in …/package.json', app: { ...FLUE_2, 'package.json': manifest(FLUE_2, { engines: { node: '^20' } }) }, way: /as in `"node": ">=22\.18"`, or name another base image in `buildArgs: \{ NODE_IMAGE: '…' \}`$/, step: { props: { buildArgs: { NODE_IMAGE: 'node:20' } } } },
  // its workspace
  { says: '`workspace` must be the root of a workspace, got: …, which holds no package.json', app: { ...FLUE_2, 'nothing/x': '' }, props: (root) => ({ workspace: `${root}/nothing` }), way: /leave `workspace` out/, step: { props: { workspace: undefined } } },
  { says: '`workspace` must list the app among its packages, got: …, which does not list …', app: { 'package.json': '{}', 'package-lock.json': FLUE_2['package-lock.json'], ...Object.fromEntries(Object.entries(FLUE_2).map(([name, text]) => [`agents/${name}`, text])) }, folder: 'agents', props: (root) => ({ workspace: root }), way: /Add the folder to `workspaces` of its package\.json/, step: { app: { 'package.json': '{"workspaces":["agents"]}' } } },
  // its build
  { says: '`directory` must say how it is built for Node.js, got: … in …', app: { ...FLUE_2, 'vite.config.ts': CLOUDFLARE, 'flue.config.ts': 'export default { target: \'cloudflare\' };\n' }, way: /Add a vite\.node\.config\.ts with `plugins: \[flue\(\{ target: 'node' \}\)\]`/, step: { app: { 'vite.node.config.ts': vite('plugins: [flue({ target: \'node\' })]') } } },
  { says: '`directory` must name what its build leaves as plain text, got: … in … that only running it tells', app: { ...FLUE_2, 'vite.config.ts': vite('plugins: [flue()], build: { outDir: process.env.OUT }') }, way: /in `outputDirectory`, as in `outputDirectory: 'dist'`$/, step: { props: { outputDirectory: 'dist' } } },
  { says: '`directory` must hold what its build leaves, in a folder of its own, got: … from …', app: { ...FLUE_2, 'vite.config.ts': vite('plugins: [flue()], build: { outDir: \'../out\' }') }, way: /such as `dist`$/, step: { app: { 'vite.config.ts': vite('plugins: [flue()], build: { outDir: \'dist\' }') } } },
  { says: '`buildCommand` must be one line of shell, got: …', app: FLUE_2, props: { buildCommand: 'a\nb' }, way: /`npm run build:server`$/, step: { props: { buildCommand: 'npm run build:server' } } },
  { says: '`outputDirectory` must be a folder within `directory`, got: …', app: FLUE_2, props: { outputDirectory: '/out' }, way: /as in `dist`$/, step: { props: { outputDirectory: 'dist' } } },
  { says: '`command` must name what starts the server, word by word, got: …', app: FLUE_2, props: { command: [] }, way: /`\['node', 'dist\/server\.mjs'\]`$/, step: { props: { command: ['node', 'dist/server.mjs'] } } },
  // what it is given
  { says: '`include` must name what is in `directory`, got: …', app: FLUE_2, props: { include: ['prompts'] }, way: /as in `include: \['prompts'\]`$/, step: { app: { 'prompts/a.md': '' } } },
  { says: '`include` must not name what never enters an image, got: …', app: { ...FLUE_2, '.env': 'A=b' }, props: { include: ['.env'] }, way: /in the service's `environment` and `secrets`$/, step: { props: { include: undefined } } },
  { says: '`include` must be left out when the app has a Dockerfile of its own, got: both', app: own(OWN), props: { include: ['src'] }, way: /Copy the files in the Dockerfile, as in `COPY prompts \.\/prompts`$/, step: { props: { include: undefined }, app: { Dockerfile: OWN.replace('USER', 'COPY src ./src\nUSER') } } },
  { says: '`caBundleFile` must be a PEM file with certificates and no private key, got: …', app: FLUE_2, props: (root) => ({ caBundleFile: `${root}/package.json` }), way: /or leave it out$/, step: { props: { caBundleFile: undefined } } },
  { says: '`caBundleFile` must be left out when the app has a Dockerfile of its own, got: both', app: own(OWN), props: (root) => ({ caBundleFile: `${root}/ca.pem` }), way: /name its path inside the image in `caBundlePath`$/, step: { props: { caBundleFile: undefined, caBundlePath: '/ca.pem' } } },
  { says: '`…` must be left out with the app\'s own Dockerfile, got: …', app: own(OWN), props: { buildCommand: 'make' }, way: /choose `dockerfile: FlueDockerfile\.provided\(\)`$/, step: { props: { dockerfile: FlueDockerfile.provided() } } },
  { says: '`…` must be left out with the provided Dockerfile, got: …', app: FLUE_2, props: { target: 'base' }, way: /It is for an app that has a Dockerfile of its own$/, step: { app: { Dockerfile: OWN } } },
  { says: '`port` must be known at synthesis, got: a token', app: FLUE_2, make: (stack, props) => imageIn(stack, { ...props, port: new CfnParameter(stack, 'Port', { type: 'Number' }).valueAsNumber }), way: /pass a plain number$/, step: { make: imageIn, props: { port: 8080 } } },
  { says: '`cpuArchitecture` must be X86_64 or ARM64, got: …', app: FLUE_2, props: { cpuArchitecture: CpuArchitecture.of('RISCV') }, way: /`CpuArchitecture\.ARM64`$/, step: { props: { cpuArchitecture: CpuArchitecture.ARM64 } } },
  { says: '`…` must be known at synthesis, got: a token', app: FLUE_2, props: () => ({ assetName: Lazy.string({ produce: () => 'x' }) }), way: /pass a plain text$/, step: { props: { assetName: 'x' } } },
  { says: '`buildSecrets` must name where each secret comes from, got: another form for …', app: FLUE_2, props: { buildSecrets: { A: 'b' } }, way: /Write `A: 'env=NAME'`/, step: { props: { buildSecrets: { A: 'env=NAME' } } } },
  { says: '`buildSecrets` must name files by an absolute path, got: … for …', app: FLUE_2, props: { buildSecrets: { A: 'src=a' } }, way: /`A: 'src=\/absolute\/path'`/, step: { props: { buildSecrets: { A: 'src=/absolute/path' } } } },
  { says: '`…` must have names of letters, digits and underscores with the provided Dockerfile, got: …', app: FLUE_2, props: { buildArgs: { 'a-b': 'c' } }, way: /Rename it/, step: { props: { buildArgs: { a_b: 'c' } } } },
  // its own Dockerfile
  { says: '`dockerfile` must be a Dockerfile within `directory`, got: …', app: FLUE_2, props: { dockerfile: FlueDockerfile.own('nowhere') }, way: /or use `FlueDockerfile\.provided\(\)`$/, step: { props: { dockerfile: FlueDockerfile.provided() } } },
  { says: '`dockerfile` must be a Dockerfile with a FROM instruction, got: …', app: own('RUN true\n'), way: /or take `FlueDockerfile\.provided\(\)`$/, step: { props: { dockerfile: FlueDockerfile.provided() } } },
  { says: '`target` must be a stage of …, got: …', app: own(OWN), props: { target: 'nowhere' }, way: /Its named stages are: base$/, step: { props: { target: 'base' } } },
  { says: '… must start the Flue server, got: no CMD or ENTRYPOINT in its final stage (FROM …)', app: own('FROM node:22\nUSER node\n'), way: /Add `CMD \["node", "dist\/server\.mjs"\]`/, step: { app: { Dockerfile: 'FROM node:22\nUSER node\nCMD ["node", "dist/server.mjs"]\n' } } },
  { says: '… must start the Flue server, got: …', app: own('FROM node:22\nUSER node\nCMD ["sleep", "infinity"]\n'), way: /or choose `dockerfile: FlueDockerfile\.provided\(\)`$/, step: { props: { dockerfile: FlueDockerfile.provided() } } },
  { says: '… must start the server without files that never enter the build context, got: … in …', app: own('FROM node:22\nUSER node\nCMD ["node", "--env-file=.env", "dist/server.mjs"]\n'), way: /Take it out of the command, and pass what it sets in the service's `environment` and `secrets`$/, step: { app: { Dockerfile: OWN } } },
  { says: '… must not copy what never enters the build context, got: … in line …', app: own(OWN.replace('USER', 'COPY dist ./dist\nUSER')), way: /copy its result with `COPY --from`$/, step: { app: { Dockerfile: OWN.replace('USER', 'COPY --from=build /app/dist ./dist\nUSER') } } },
  { says: '… must not copy what stays out of the build context, got: … in line …', app: { ...own(OWN.replace('USER', 'COPY docs ./docs\nUSER')), 'docs/a.md': '', '.dockerignore': 'docs\n' }, way: /Take docs out of `\.dockerignore` and `exclude`/, step: { app: { '.dockerignore': '' } } },
  { says: '`caBundlePath` must be the file that ENV NODE_EXTRA_CA_CERTS of … names, got: … and …', app: own(OWN.replace('USER', 'ENV NODE_EXTRA_CA_CERTS=/corp.pem\nUSER')), props: { caBundlePath: '/rds.pem' }, way: /`RUN cat \/rds\.pem \/corp\.pem > \/etc\/ssl\/certs\/server\.pem`, and name that one in both places$/, step: { app: { Dockerfile: OWN.replace('USER', 'RUN cat /rds.pem /corp.pem > /etc/ssl/certs/server.pem\nENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/server.pem\nUSER') }, props: { caBundlePath: '/etc/ssl/certs/server.pem' } } },
  { says: '`cpuArchitecture` must decide the final stage, got: --platform=…, the platform of the machine that builds, for …', app: own(OWN.replace('FROM', 'FROM --platform=$BUILDPLATFORM')), way: /Take `--platform` out there/, step: { app: { Dockerfile: OWN } } },
  { says: '`cpuArchitecture` must be the one that … names, got: … and …', app: own(OWN.replace('FROM', 'FROM --platform=linux/arm64')), way: /Pass `cpuArchitecture: CpuArchitecture\.ARM64`/, step: { props: { cpuArchitecture: CpuArchitecture.ARM64 } } },
  // a box
  { says: '`directory` must hold a lockfile of npm, with which a box installs, got: …', app: { ...PNPM_2, 'dist/server.mjs': '' }, make: build, way: /Run the app by FlueImage, which takes the same directory$/, step: { make: imageIn } },
  { says: '`directory` must need no folder beside `…` to install its packages, got: a link to …', app: { ...FLUE_2, 'dist/server.mjs': '', 'package.json': manifest(FLUE_2, { dependencies: { '@flue/runtime': '^2.0.3', 'pg': '^8.16.0', 'words': 'file:words' } }), 'package-lock.json': locked(FLUE_2, { words: '1.0.0' }), 'words/package.json': '{"name":"words"}' }, make: build, way: /or use FlueImage$/, step: { make: imageIn } },
  { says: '… must hold a built app, got: no …/… in …', app: FLUE_2, make: build, way: /Run `npx vite build` there before every synthesis$/, step: { app: { 'dist/server.mjs': '' } } },
  // an image elsewhere
  { says: '`uri` must be of a registry other than Amazon ECR, got: …', app: FLUE_2, make: (stack) => FlueImage.fromRegistry(stack, 'Image', '123456789012.dkr.ecr.eu-west-1.amazonaws.com/agents:1'), way: /Use `FlueImage\.fromEcrRepository\(…\)` with the repository/, unfollowed: 'the repository is another construct; existing-image.test.ts makes such images' },
  {
    says: '`image` must be made in a stack of the same account (…), got: one of … (…)',
    app: FLUE_2,
    way: /make the image in the stack of the service/,
    make: (stack, props) => serve(new Stack(stack.node.root as App, 'Other', { env: { account: '222222222222', region: 'eu-west-1' } }), imageIn(new Stack(stack.node.root as App, 'Ours', { env: { account: '111111111111', region: 'eu-west-1' } }), props)),
    step: { make: (stack, props) => serve(stack, imageIn(stack, props)) },
  },
  {
    says: '`image` must be made in the stage of the service, got: one in …',
    app: FLUE_2,
    way: /make it in the stage$/,
    make: (stack, props) => serve(new Stack(new Stage(stack.node.root as App, 'Stage'), 'Other'), imageIn(stack, props)),
    step: { make: (stack, props) => { const staged = new Stack(new Stage(stack.node.root as App, 'Stage'), 'Other'); return serve(staged, imageIn(staged, props)); } },
  },
];

