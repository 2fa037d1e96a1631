import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Aws, CfnResource, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { appDirectory, FLUE_0, FLUE_2, manifests, newImage, newStack, removeFixtures, stagedFiles, temporaryDirectory, warningIdsOf, warningsOf } from './fixtures';
import { FlueDockerfile, FlueFargateService, FlueImage, type FlueImageProps } from '../../src';
import { warnOfDatabase, warnOfDispatch, warnOfHealthRoute, warnOfShell, warnOfTimer, warnOfUnknown } from '../../src/image/app-warnings';

afterEach(removeFixtures);

const OWN = 'FROM node:22\nUSER node\nCMD ["node", "dist/server.mjs"]\n';

describe('an image', () => {
  test('names what runs it', () => {
    const image = newImage(appDirectory());
    expect(image).toMatchObject({ port: 8080, cpuArchitecture: ecs.CpuArchitecture.X86_64, caBundlePath: '/etc/ssl/certs/rds-ca-bundle.pem', flueMajor: 0 });
    expect(image.node.defaultChild).toBe(image.asset);
    expect(Stack.of(image).resolve(image.imageUri)).toEqual({ 'Fn::Sub': expect.stringContaining(image.asset.assetHash) });
  });

  test('is built for the platform of its tasks', () => {
    const app = new App({ outdir: temporaryDirectory() });
    const stack = new Stack(app, 'Stack');
    new FlueImage(stack, 'X86', { directory: appDirectory() });
    new FlueImage(stack, 'Arm', { directory: appDirectory(), cpuArchitecture: ecs.CpuArchitecture.ARM64, assetName: 'agents' });
    new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' });
    app.synth();
    const { dockerImages } = JSON.parse(fs.readFileSync(path.join(app.outdir, 'Stack.assets.json'), 'utf8'));
    const images = Object.values<{ displayName: string; source: { platform: string } }>(dockerImages)
      .map((image) => [image.displayName, image.source.platform]);
    expect(images.sort()).toEqual([['X86', 'linux/amd64'], ['agents', 'linux/arm64']]);
  });

  test('needs no Docker at synthesis', () => {
    const docker = process.env.CDK_DOCKER;
    process.env.CDK_DOCKER = '/bin/false';
    try {
      const image = newImage(appDirectory());
      new CfnResource(image, 'Topic', { type: 'AWS::SNS::Topic' });
      expect(() => Template.fromStack(Stack.of(image))).not.toThrow();
    } finally {
      process.env.CDK_DOCKER = docker;
      if (docker === undefined) {
        delete process.env.CDK_DOCKER;
      }
    }
  });

  test('runs in a task, which may pull it', () => {
    const image = newImage(appDirectory());
    const task = new ecs.FargateTaskDefinition(Stack.of(image), 'Task');
    task.addContainer('Main', { image: image.containerImage });
    const template = Template.fromStack(Stack.of(image));
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { ContainerDefinitions: [{ Image: { 'Fn::Sub': Match.stringLikeRegexp(image.asset.assetHash) } }] });
    template.hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['ecr:BatchGetImage']) })]) } });
  });

  test('grants permission to pull', () => {
    const image = newImage(appDirectory());
    image.grantPull(new iam.Role(Stack.of(image), 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }));
    Template.fromStack(Stack.of(image)).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: Match.arrayWith(['ecr:BatchGetImage']) }), { Action: 'ecr:GetAuthorizationToken', Effect: 'Allow', Resource: '*' }] },
    });
  });

  test.each<[string, Partial<FlueImageProps>, RegExp]>([
    ['port 0', { port: 0 }, /\[Stack\/Image\] `port` must be a whole number from 1 to 65535, got: 0/],
    ['port 65536', { port: 65536 }, /`port` must be a whole number from 1 to 65535, got: 65536/],
    ['port 80.5', { port: 80.5 }, /got: 80\.5/],
    ['a port known only at deployment', { port: Lazy.number({ produce: () => 8080 }) }, /`port` must be known at synthesis, got: a token/],
    ['another architecture', { cpuArchitecture: ecs.CpuArchitecture.of('RISCV') }, /`cpuArchitecture` must be X86_64 or ARM64, got: RISCV/],
    ['a build argument named like a secret', { buildArgs: { NPM_TOKEN: '' } }, /`buildArgs` must not hold a secret, got: NPM_TOKEN.*pass it as a `buildSecrets` entry/],
    ['a build argument valued like a secret', { buildArgs: { URL: 'https://u:p@example.com' } }, /`buildArgs` must not hold a secret, got: URL \(its value looks like a URL with a password\)/],
    ['a build secret that is the secret', { buildSecrets: { KEY: 'sk-ant-api03-abcdef' } }, /`buildSecrets` must name where each secret comes from, got: another form for KEY\. Write `KEY: 'env=NAME'`/],
    ['a build secret without a source', { buildSecrets: { KEY: 'env=' } }, /got: another form for KEY/],
    ['a build secret with another option', { buildSecrets: { KEY: 'id=x,env=KEY' } }, /got: another form for KEY/],
    ['a build secret in a relative file', { buildSecrets: { KEY: 'src=.npmrc' } }, /`buildSecrets` must name files by an absolute path, got: \.npmrc for KEY/],
  ])('with %s is refused', (_, props, message) => {
    expect(() => newImage(appDirectory(), props)).toThrow(message);
  });

  test('never prints a build secret', () => {
    expect(() => newImage(appDirectory(), { buildSecrets: { KEY: 'hunter2' } })).toThrow(/^(?!.*hunter2)/);
  });

  test.each(['etc/x.pem', '', 'C:\\x.pem', '/a b.pem'])('with the CA bundle path %p is refused', (caBundlePath) => {
    expect(() => newImage(appDirectory(FLUE_0, { Dockerfile: OWN }), { caBundlePath })).toThrow(/`caBundlePath` must be an absolute path inside the image, got: /);
  });

  test('takes an architecture that equals a known one', () => {
    expect(newImage(appDirectory(), { cpuArchitecture: ecs.CpuArchitecture.of('ARM64') }).cpuArchitecture).toBe(ecs.CpuArchitecture.ARM64);
  });

  test.each<[string, { readonly [path: string]: string }, number]>([['flue build', FLUE_0, 0], ['vite build', FLUE_2, 2]])('is built with %s', (_, files, major) => {
    expect(newImage(appDirectory(files)).flueMajor).toBe(major);
  });
});

describe('the health route', () => {
  const idsFor = (route: string, files: { [path: string]: string }) => {
    const image = newImage(appDirectory({ ...manifests({ '@flue/runtime': '0.10.2' }, { '@flue/cli': '0.10.2' }), ...files }));
    warnOfHealthRoute(image, image, route);
    return warningIdsOf(image);
  };

  test.each<[string, string, { [path: string]: string }]>([
    ['in app.ts', '/health', { 'src/app.ts': 'app.get(\'/health\', ok)' }],
    ['in double quotes', '/health', { 'src/app.ts': 'app.get("/health", ok)' }],
    ['in a template', '/health', { 'src/app.mts': 'app.get(`/health`, ok)' }],
    ['in another file', '/health', { 'src/app.ts': '', 'src/routes/health.js': 'r.get(\'/health/\', ok)' }],
    ['in .flue', '/health', { '.flue/app.ts': 'app.get(\'/health\', ok)' }],
    ['in the root', '/health', { 'app.ts': 'app.get(\'/health\', ok)' }],
    ['below a prefix', '/api/health?deep=1', { 'src/app.ts': 'app.route(\'/api\', api); api.get(\'/health\', ok)' }],
    ['that is another', '/alive', { 'src/app.ts': 'app.get(\'/alive\', ok)' }],
    ['known only at deployment', Aws.REGION, { 'src/app.ts': '' }],
  ])('is found %s', (_, route, files) => {
    expect(idsFor(route, files)).toEqual([]);
  });

  test.each<[string, string, { [path: string]: string }]>([
    ['is nowhere', '/health', { 'src/app.ts': 'app.route(\'/\', flue())' }],
    ['is only part of another', '/health', { 'src/app.ts': 'app.get(\'/health/ready\', ok); app.get(\'/healthy\', ok)' }],
    ['is only outside the source', '/health', { 'src/app.ts': '', 'test/a.ts': 'get(\'/health\')', 'src/notes.md': '\'/health\'' }],
    ['is another', '/alive', { 'src/app.ts': 'app.get(\'/health\', ok)' }],
  ])('is warned of when it %s', (_, route, files) => {
    expect(idsFor(route, files)).toEqual(['cdk-flue:FlueImage.noHealthRoute']);
  });

  test('is not judged where the source is too large', () => {
    const many = Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`src/${index}.ts`, '']));
    expect(idsFor('/health', many)).toEqual([]);
    expect(idsFor('/health', Object.fromEntries(Object.entries(many).slice(0, 2000)))).toEqual(['cdk-flue:FlueImage.noHealthRoute']);
  });

  test('is warned of with the way out', () => {
    const image = newImage(appDirectory(FLUE_0, { 'src/app.ts': '' }));
    warnOfHealthRoute(image, image, '/alive');
    expect(warningsOf(image)).toEqual([expect.stringMatching(/names the route \/alive.*Define it in app\.ts, as in `app\.get\('\/alive'/)]);
  });
});

describe('a timer in the process', () => {
  const idsFor = (source: string) => {
    const image = newImage(appDirectory(FLUE_0, { 'src/jobs.ts': source }));
    warnOfTimer(image, image);
    return warningIdsOf(image);
  };

  test.each([
    'new Cron(\'0 3 * * *\', run)', 'const job = new CronJob(\'0 3 * * *\', run)', 'cron.schedule(\'0 3 * * *\', run)', 'schedule.scheduleJob(\'0 3 * * *\', run)', 'scheduleJob(rule, run)',
    'const url = \'https://a.example.com/b\';\nnew Cron(url)',
  ])('is warned of: %s', source => {
    expect(idsFor(source)).toEqual(['cdk-flue:FlueImage.timerInProcess']);
  });

  test.each(['', 'new Crontab(a)', 'micron.schedule(a)', '// new Cron(a)', '/* new Cron(a)\n */', 'import { Cron } from \'croner\'', 'setInterval(poll, 1000)', 'agents.addSchedule(\'Nightly\')'])('is not seen in: %s', source => {
    expect(idsFor(source)).toEqual([]);
  });
});

describe('a shell beside the server', () => {
  const warnedOf = (base: typeof FLUE_0, files: { [path: string]: string }) => {
    const image = newImage(appDirectory(base, files));
    warnOfShell(image, image);
    return warningsOf(image);
  };
  const DEFAULT = 'import { createAgent } from \'@flue/runtime\';\nexport default createAgent(() => ({ model: \'a/b\' }));';
  const HOST = 'import { local } from \'@flue/runtime/node\';\nexport const sandbox = local();';

  test('is warned of with the file and the way out', () => {
    expect(warnedOf(FLUE_0, { 'src/agents/triage.ts': DEFAULT })).toEqual([expect.stringMatching(
      /^`src\/agents\/triage\.ts` leaves its agent the default shell of Flue.*Pass `sandbox: \(\) => new Bash\(\)`.*FlueSandboxes, `addSandboxes\(\)`.*ack: cdk-flue:FlueSandboxes\.missing/)]);
    expect(warnedOf(FLUE_0, { 'src/sandbox.ts': HOST })).toEqual([expect.stringMatching(/^`src\/sandbox\.ts` lets an agent run commands beside the server, with `local\(\)`.*Give each conversation/)]);
  });

  test('is none in a test of the app, and no default from Flue 2 on', () => {
    expect(warnedOf(FLUE_0, { 'src/agents/triage.test.ts': HOST, 'src/__tests__/a.ts': DEFAULT })).toEqual([]);
    expect(warnedOf(FLUE_2, { 'src/agents/triage.ts': DEFAULT })).toEqual([]);
    expect(warnedOf(FLUE_2, { 'src/agents/triage.ts': HOST })).toEqual([expect.stringContaining('`local()`')]);
  });

  test('is given by a service', () => {
    const stack = new Stack(new App(), 'Stack');
    const image = new FlueImage(stack, 'Image', { directory: appDirectory(FLUE_0, { 'src/agents/triage.ts': DEFAULT }) });
    const agents = new FlueFargateService(stack, 'Agents', { image, vpc: new Vpc(stack, 'Vpc', { natGateways: 0 }) });
    expect(warningIdsOf(agents)).toContain('cdk-flue:FlueSandboxes.missing');
  });
});

describe('an agent that events go to', () => {
  const idsFor = (files: { [path: string]: string }, names: { agents?: string; workflows?: string } = { agents: 'triage' }) => {
    const image = newImage(appDirectory(FLUE_0, files));
    warnOfUnknown(image, image, names);
    return warningIdsOf(image);
  };

  test.each<[string, { [path: string]: string }]>([
    ['a file', { 'src/agents/triage.ts': '' }],
    ['a folder', { 'src/agents/triage/index.ts': '' }],
    ['a file in .flue', { '.flue/agents/triage.ts': '' }],
    ['a path', { 'src/routes.ts': 'app.route("/agents/triage", createAgentRouter(agent))' }],
    ['the beginning of a path', { 'src/routes.ts': 'app.post(`/agents/triage/:id`, run)' }],
    ['a name', { 'src/all.ts': 'define({ name: \'triage\' })' }],
  ])('is known by %s', (_, files) => {
    expect(idsFor(files)).toEqual([]);
  });

  test.each<[string, { [path: string]: string }]>([
    ['is nowhere', {}],
    ['is another', { 'src/agents/triager.ts': '', 'src/agents/assistant.ts': 'export const triage = agent' }],
    ['is a workflow', { 'src/workflows/triage.ts': '' }],
    ['is only outside the source', { 'agents/triage.ts': '', 'test/a.ts': '\'triage\'' }],
  ])('is warned of when it %s', (_, files) => {
    expect(idsFor(files)).toEqual(['cdk-flue:FlueInbox.unknownAgent']);
  });

  test('may be a workflow', () => {
    expect(idsFor({ 'src/workflows/report.ts': '' }, { workflows: 'report' })).toEqual([]);
    expect(idsFor({ 'src/agents/report.ts': '' }, { workflows: 'report' })).toEqual(['cdk-flue:FlueInbox.unknownAgent']);
  });

  test('is not judged where its name is known later, or the app is unknown', () => {
    expect(idsFor({}, { agents: Aws.REGION })).toEqual([]);
    const image = FlueImage.fromRegistry(new Stack(), 'Image', 'acme/agents');
    warnOfUnknown(image, image, { agents: 'triage' });
    expect(warningIdsOf(image)).toEqual([]);
  });
});

describe('deliveries within a process', () => {
  const idsFor = (source: string) => {
    const image = newImage(appDirectory(FLUE_0, { 'src/hooks.ts': source }));
    warnOfDispatch(image, image);
    return warningIdsOf(image);
  };

  test.each([
    'import { dispatch } from \'@flue/runtime\';\nawait dispatch(support, { id, input });',
    'import {\n  createAgent,\n  dispatch,\n} from "@flue/runtime";\ndispatch(support, { id, input });',
    'import { dispatch as send } from \'@flue/runtime\';\nsend({ agent: \'support\', id, input });',
    'import { type CreatedAgent, dispatch } from \'@flue/runtime\';',
    'import { z } from \'zod\';\nimport * as flue from \'@flue/runtime\';\nflue.dispatch(support, { id, input });',
    'import { defineTool, init } from \'@flue/runtime\';\nconst agent = init(support, { id });',
    'export { dispatch } from \'@flue/runtime\';',
  ])('are warned of: %s', source => {
    expect(idsFor(source)).toEqual(['cdk-flue:FlueShardedService.dispatchInShard']);
  });

  test.each([
    '', 'import { createAgent, initialize } from \'@flue/runtime\';', 'import { dispatch } from \'./store\';\nimport { createAgent } from \'@flue/runtime\';\ndispatch(action);',
    '// import { dispatch } from \'@flue/runtime\';', 'import { type dispatch } from \'@flue/runtime\';', 'import { type DispatchReceipt } from \'@flue/runtime\';',
    'import * as flue from \'@flue/runtime\';\nflue.observe(log);', 'import { dispatch } from \'@flue/runtime-tools\';',
  ])('are not seen in: %s', source => {
    expect(idsFor(source)).toEqual([]);
  });
});

describe('the support of a database', () => {
  const idsFor = (directory: string, props: Partial<FlueImageProps> = {}, usesRdsCertificates?: boolean, region?: string) => {
    const image = new FlueImage(newStack({}, { env: { region } }), 'Image', { directory, ...props });
    warnOfDatabase(image, image, usesRdsCertificates);
    warnOfDatabase(image, image, usesRdsCertificates);
    return warningIdsOf(image);
  };
  const missing = ['cdk-flue:FlueImage.noDatabaseAdapter'];
  const unhandled = ['cdk-flue:FlueImage.poolErrorUnhandled'];

  test.each<[string, string[], () => string]>([
    ['a db.ts with @flue/postgres', [], () => appDirectory()],
    ['a db.mjs in the root', [], () => appDirectory(FLUE_0, { 'src/db.ts': undefined, 'src/app.ts': undefined, 'db.mjs': '', 'app.mjs': '' })],
    ['no db.ts', missing, () => appDirectory(FLUE_0, { 'src/db.ts': undefined })],
    ['a db.ts elsewhere', missing, () => appDirectory(FLUE_0, { 'src/db.ts': undefined, 'src/lib/db.ts': '', 'db.ts': '' })],
    ['a db.ts without a driver', missing, () => appDirectory({ ...FLUE_0, ...manifests({ '@flue/runtime': '0.10.2' }, { '@flue/cli': '0.10.2' }) })],
    ['a pool that is listened to', [], () => appDirectory(FLUE_2)],
    ['a pool that nobody listens to', unhandled, () => appDirectory(FLUE_2, { 'src/db.ts': 'import { Pool } from \'pg\';\nnew Pool();' })],
    ['a pool in another module', unhandled, () => appDirectory(FLUE_2, { 'src/db.ts': 'import \'./pool\';', 'src/pool.ts': 'const { Pool } = require("pg");', 'src/http.ts': 'server.on(\'error\', f)' })],
    ['a pool that another module listens to', [], () => appDirectory(FLUE_2, { 'src/db.ts': 'import type { Pool } from \'pg\';', 'src/pool.ts': 'import { Pool } from "pg";\npool.on("error", f)' })],
    ['no pool', [], () => appDirectory(FLUE_2, { 'src/db.ts': 'import postgres from \'postgres\';' })],
    ['a pool that nobody listens to on 0.x', [], () => appDirectory(FLUE_0, { 'src/db.ts': 'import { Pool } from \'pg\';\nnew Pool();' })],
  ])('is judged for %s: %p', (_, ids, directory) => {
    expect(idsFor(directory())).toEqual(ids);
  });

  test('wants the certificate authorities beside an own Dockerfile', () => {
    const directory = () => appDirectory(FLUE_0, { Dockerfile: OWN });
    expect(idsFor(directory())).toEqual(['cdk-flue:FlueImage.noCaBundle']);
    expect(idsFor(directory(), { caBundlePath: '/etc/ssl/rds.pem' })).toEqual([]);
    expect(idsFor(directory(), {}, false)).toEqual([]);
  });

  test.each([['eu-west-1', []], ['us-gov-west-1', ['cdk-flue:FlueImage.regionWithoutCertificates']], [undefined, []]])('wants the certificate authorities of region %p', (region, ids) => {
    expect(idsFor(appDirectory(), {}, true, region)).toEqual(ids);
    expect(idsFor(appDirectory(), {}, false, region)).toEqual([]);
    expect(idsFor(appDirectory(FLUE_0, { Dockerfile: OWN }), { caBundlePath: '/etc/ssl/rds.pem' }, true, region)).toEqual([]);
  });

  test('is said once to each scope', () => {
    const image = newImage(appDirectory(FLUE_0, { 'src/db.ts': undefined }));
    const scopes = ['A', 'B'].map((id) => new Construct(Stack.of(image), id));
    [...scopes, ...scopes].forEach((scope) => warnOfDatabase(scope, image));
    expect(warningIdsOf(image)).toEqual([...missing, ...missing]);
    expect(Token.isUnresolved(Stack.of(image).region)).toBe(true);
  });
});

test('a maximal image of the app\'s own Dockerfile is asked for as recorded', () => {
  const directory = appDirectory(FLUE_0, { 'build/Dockerfile': 'FROM node:22-slim AS server\nENV PORT=3000\nUSER node\nCMD ["node", "dist/server.mjs"]\nFROM server AS debug\n' });
  const image = newImage(directory, {
    dockerfile: FlueDockerfile.own('build/Dockerfile'),
    target: 'server',
    port: 3000,
    cpuArchitecture: ecs.CpuArchitecture.ARM64,
    buildArgs: { STAGE: 'test' },
    buildSecrets: { npmrc: 'src=/home/me/.npmrc' },
    exclude: ['docs'],
    caBundlePath: '/etc/ssl/rds.pem',
    assetName: 'agents',
  });
  new CfnResource(Stack.of(image), 'Topic', { type: 'AWS::SNS::Topic' });
  const { directory: outdir } = (image.node.root as App).synth();
  const { dockerImages } = JSON.parse(fs.readFileSync(path.join(outdir, 'Stack.assets.json'), 'utf8'));
  const [{ source }] = Object.values<{ source: object }>(dockerImages);
  expect({ ...source, directory: 'the staged app' }).toMatchSnapshot();
  expect(stagedFiles(image)).toContain('build/Dockerfile');
});
