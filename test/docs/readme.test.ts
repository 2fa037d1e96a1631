import { createRequire } from 'node:module';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ModuleKind, transpile } from 'typescript';
import * as library from '../../src';
import { source } from '../consumers/lib/sources';

const required = createRequire(__filename);
const { context } = required('../../examples/typescript/cdk.json') as { context: Record<string, unknown> };

test('the first program of the README synthesizes, with the two warnings that the README names', () => {
  const apps: App[] = [];
  class Kept extends App {
    public constructor() {
      super({ analyticsReporting: false, context });
      apps.push(this);
    }
  }
  const program = transpile(source('readme'), { module: ModuleKind.CommonJS });
  const modules: Record<string, object> = { 'cdk-flue': library, 'aws-cdk-lib': new Proxy(required('aws-cdk-lib') as object, { get: (module, name) => (name === 'App' ? Kept : Reflect.get(module, name)) }) };
  const before = process.cwd();
  process.chdir(join(__dirname, '../..'));
  try {
    new Function('require', 'exports', program)((name: string) => modules[name], {});
    const [app] = apps;
    const { stacks } = app.synth();
    expect(stacks.map(({ stackName }) => stackName)).toEqual(['Data', 'Agents']);
    const warnings = app.node.children.filter(Stack.isStack).flatMap(stack => Annotations.fromStack(stack).findWarning('*', Match.anyValue()));
    expect(warnings.map(({ entry }) => /\[ack: (.*)\]/.exec(String(entry.data))?.[1])).toEqual(['cdk-flue:FlueFargateService.plainHttp', 'cdk-flue:FlueService.publicWithoutAuthentication']);
  } finally {
    process.chdir(before);
  }
});
