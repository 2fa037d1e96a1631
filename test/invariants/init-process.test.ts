import { changed, judge, PARAMETER } from './judge';
import { box, container, group } from './templates';
import { INIT_PROCESS } from '../../src/invariants/init-process';

const NONE = ['container server runs without an init process'];

test.each<[what: string, change: (container: any) => void, expected: unknown]>([
  ['an init', () => {}, 'compliant'],
  ['an init by a string', definition => { definition.LinuxParameters.InitProcessEnabled = 'true'; }, 'compliant'],
  ['none', definition => { delete definition.LinuxParameters; }, NONE],
  ['one that is switched off', definition => { definition.LinuxParameters.InitProcessEnabled = false; }, NONE],
  ['one as entry point', definition => { delete definition.LinuxParameters; definition.EntryPoint = ['/usr/bin/tini', '--']; }, 'compliant'],
  ['a shell as entry point', definition => { delete definition.LinuxParameters; definition.EntryPoint = ['sh', '-c']; }, NONE],
  ['one known only at deployment', definition => { definition.LinuxParameters = PARAMETER; }, 'not applicable'],
])('a container with %s', (_, change, expected) => {
  expect(judge(INIT_PROCESS, container(change), 'TaskDefinition')).toEqual(expected);
});

test('in a process namespace of the task the container is not PID 1', () => {
  const template = changed(container(definition => { delete definition.LinuxParameters; }), ({ TaskDefinition }) => { TaskDefinition.Properties.PidMode = 'task'; });
  expect(judge(INIT_PROCESS, template, 'TaskDefinition')).toBe('not applicable');
});

const boots = (script: unknown) => changed(box(), ({ Instance }) => {
  Instance.Properties.UserData = typeof script === 'string' ? { 'Fn::Base64': script } : script;
  Instance.Properties.Tags = [{ Key: 'cdk-flue', Value: 'server' }];
});
const DOCKER = ['`docker run` starts the server without an init process'];

test.each<[script: unknown, expected: unknown]>([
  ['docker run --init -d flue-agents', 'compliant'],
  ['docker run -d \\\n  --init \\\n  flue-agents', 'compliant'],
  ['docker run -d flue-agents', DOCKER],
  ['docker run -d --restart unless-stopped -p 80:8080 \\\n-e MODEL_SPECIFIER=x \\\n111111111111.dkr.ecr.eu-west-1.amazonaws.com/agents:latest', DOCKER],
  ['ExecStart=/usr/bin/docker run --rm --name flue registry/agents --init-db', DOCKER],
  ['docker run -d redis\ndocker run --init -d flue-agents', 'compliant'],
  ['docker run -d redis\ndocker run -d --label cdk-flue=server registry/agents', DOCKER],
  ['docker run -d redis\ndocker run --init -d --label cdk-flue registry/agents', 'compliant'],
  ['docker run -d redis\ndocker run -d --label cdk-flue-client registry/agents', 'not applicable'],
  ['echo \'{"init": true}\' > /etc/docker/daemon.json\ndocker run -d flue-agents', 'compliant'],
  ['# docker run -d flue-agents\nExecStart=/usr/bin/node dist/server.mjs', 'not applicable'],
  [{ 'Fn::ImportValue': 'script' }, 'not applicable'],
])('a box that boots with %j', (script, expected) => {
  expect(judge(INIT_PROCESS, boots(script), 'Instance')).toEqual(expected);
});

test('a launch template', () => {
  expect(judge(INIT_PROCESS, group(), 'LaunchTemplate')).toBe('compliant');
});
