import * as fs from 'node:fs';
import * as path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { Grant, Role, ServicePrincipal, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { appDirectory, BUILT_0, FLUE_0, FLUE_2, manifests, PNPM_2, newBuild, newStack, removeFixtures, stagedFiles, stagedPath, warningIdsOf } from './fixtures';
import { FlueEc2Service, FlueExpressService, FlueFargateService, type IFlueApp } from '../../src';
import { warnOfDatabase, warnOfHealthRoute } from '../../src/image/app-warnings';

afterEach(removeFixtures);

describe('a build', () => {
  test('names what runs it', () => {
    const build = newBuild(appDirectory(BUILT_0), { port: 9000, cpuArchitecture: CpuArchitecture.ARM64 });
    expect(build).toMatchObject({ port: 9000, cpuArchitecture: CpuArchitecture.ARM64, caBundlePath: '/opt/flue/app/.cdk-flue/rds-ca-bundle.pem', flueMajor: 0 });
    expect(newBuild(appDirectory(BUILT_0))).toMatchObject({ port: 8080, cpuArchitecture: CpuArchitecture.X86_64 });
    expect(newBuild(appDirectory(FLUE_2, { 'dist/server.mjs': 'serve();' })).flueMajor).toBe(2);
  });

  test('is what was built, what installs its dependencies, and the authorities of RDS', () => {
    const directory = appDirectory(BUILT_0, { '.npmrc': 'fund=false\n', '.env': 'A=b', 'dist/.env': 'A=b', 'README.md': '', 'node_modules/x/index.js': '' });
    const build = newBuild(directory);
    expect(stagedFiles(build)).toEqual(['.cdk-flue/rds-ca-bundle.pem', '.npmrc', 'dist/server.mjs', 'dist/server.mjs.map', 'package-lock.json', 'package.json']);
    expect(fs.readFileSync(path.join(stagedPath(build), 'dist/server.mjs'), 'utf8')).toBe('serve();\n');
  });

  test('may lie in another folder, which the box is told', () => {
    const config = 'export default defineConfig({ target: \'node\', output: \'./.flue-dist\' });';
    const build = newBuild(appDirectory(FLUE_0, { 'flue.config.ts': config, '.flue-dist/server.mjs': '' }));
    expect(stagedFiles(build)).toContain('.flue-dist/server.mjs');
    expect(build._server).toBe('.flue-dist/server.mjs');
    expect(newBuild(appDirectory(FLUE_0, { 'out/server.mjs': '' }), { outputDirectory: './out/' })._server).toBe('out/server.mjs');
  });

  test('has the same hash wherever it lies, and another when it changes', () => {
    const [one, same, other] = [appDirectory(BUILT_0), appDirectory(BUILT_0), appDirectory(BUILT_0, { 'dist/server.mjs': 'other();' })]
      .map(directory => newBuild(directory).asset.assetHash);
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  test('may be fetched, and nothing else of the bucket', () => {
    const build = newBuild(appDirectory(BUILT_0));
    build.grantPull(new Role(Stack.of(build), 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }));
    Template.fromStack(Stack.of(build)).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{
          Action: 's3:GetObject',
          Effect: 'Allow',
          Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::', { 'Fn::Sub': Match.anyValue() }, `/${build.asset.s3ObjectKey}`]] },
        }],
      },
    });
  });

  test('warns as an image does', () => {
    const build = newBuild(appDirectory(BUILT_0, { 'src/db.ts': undefined }));
    warnOfDatabase(build, build);
    warnOfHealthRoute(build, build, '/alive');
    expect(warningIdsOf(build)).toEqual(['cdk-flue:FlueImage.noDatabaseAdapter', 'cdk-flue:FlueImage.noHealthRoute']);
    const complete = newBuild(appDirectory(BUILT_0));
    warnOfDatabase(complete, complete);
    warnOfHealthRoute(complete, complete, '/health');
    expect(warningIdsOf(complete)).toEqual([]);
  });
});

class TheirApp extends Construct implements IFlueApp {
  public readonly cpuArchitecture = CpuArchitecture.X86_64;
  public readonly port = 8080;

  public grantPull(grantee: IGrantable): Grant {
    return Grant.drop(grantee, 'nothing to fetch');
  }
}

describe('is refused', () => {
  const linked = JSON.stringify({ lockfileVersion: 3, packages: { '': {}, 'node_modules/@flue/runtime': { version: '0.10.2' }, 'node_modules/@flue/cli': { version: '0.10.2' }, 'node_modules/tools': { resolved: 'tools', link: true } } });
  const named = JSON.parse(manifests({ '@flue/runtime': '0.10.2', 'tools': 'file:tools' }, { '@flue/cli': '0.10.2' })['package.json']);

  test.each<[what: string, directory: () => string, props: object, message: RegExp]>([
    ['with the lockfile of another package manager', () => appDirectory({ ...PNPM_2, 'dist/server.mjs': '' }), {}, /must hold a lockfile of npm, with which a box installs, got: .+pnpm-lock\.yaml\. Run the app by FlueImage/],
    ['built elsewhere', () => appDirectory(BUILT_0), { outputDirectory: 'build' }, /must hold a built app, got: no build\/server\.mjs/],
    ['without a build', () => appDirectory(FLUE_0), {}, /`directory` must hold a built app, got: no dist\/server\.mjs in .+\. Run `npx flue build --target node` there/],
    ['of 2.x without a build', () => appDirectory(FLUE_2), {}, /Run `npx vite build` there before every synthesis/],
    ['without Flue', () => appDirectory({ ...manifests({ hono: '4.0.0' }), 'dist/server.mjs': '' }), {}, /must hold a Flue app, got: .+, or run it by FlueImage/],
    ['without a lockfile', () => appDirectory(BUILT_0, { 'package-lock.json': undefined }), {}, /must hold a lockfile/],
    ['with a package in a folder', () => appDirectory(BUILT_0, { 'package.json': JSON.stringify(named), 'package-lock.json': linked, 'tools/package.json': '{}' }), {}, /must need no folder beside `dist`.+got: a link to tools/],
    ['with a variable in .npmrc', () => appDirectory(BUILT_0, { '.npmrc': '//registry/:_authToken=${NPM_TOKEN}' }), {}, /\.npmrc must hold only variables that the install step has, got: \$\{NPM_TOKEN\}\. A box has no build secrets/],
    ['with a token', () => appDirectory(BUILT_0, { '.npmrc': '//registry/:_authToken=abc' }), {}, /must not hold a token in \.npmrc/],
    ['on port 0', () => appDirectory(BUILT_0), { port: 0 }, /`port` must be a whole number from 1 to 65535, got: 0/],
  ])('%s', (_, directory, props, message) => {
    expect(() => newBuild(directory(), props)).toThrow(message);
  });

  test.each([FlueFargateService, FlueExpressService])('on ECS (%p)', Service => {
    const stack = newStack();
    const image = newBuild(appDirectory(BUILT_0), {}, stack);
    expect(() => new Service(stack, 'Agents', { image: image as never })).toThrow(/`image` must be an IFlueImage, got: a FlueBuild\. Make one with `new FlueImage.+Only FlueEc2Service runs a FlueBuild/);
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });

  test('where neither a container image nor a build is given', () => {
    const stack = newStack();
    const app = new TheirApp(stack, 'App');
    expect(() => new FlueFargateService(stack, 'Tasks', { image: app as never })).toThrow(/`image` must be an IFlueImage, got: a TheirApp/);
    expect(() => new FlueEc2Service(stack, 'Box', { image: app })).toThrow(/`image` must be a container image or a FlueBuild, got: TheirApp/);
    expect(stack.node.findChild('Box').node.children).toHaveLength(0);
  });
});
