import { writeFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Task } from './task';
import { FlueFargateService, FlueImage, FlueTelemetry } from '../../src';
import '../support/only-synthesize.cjs';

/** Synthesizes a service with telemetry and writes what ECS, IAM and CloudWatch Logs would be told: `synth.ts OUTFILE`. */

const REGION = 'eu-central-1';
const ACCOUNT = '111111111111';

const stack = new Stack(new App(), 'Telemetry', { env: { account: ACCOUNT, region: REGION } });
new FlueFargateService(stack, 'Agents', {
  image: FlueImage.fromRegistry(stack, 'Image', 'registry.example.com/agents:1', { port: 8080 }),
  telemetry: FlueTelemetry.adot({ serviceName: 'support-agents' }),
  readonlyRootFilesystem: true,
});
const template = Template.fromStack(stack);

/** The value that CloudFormation would put in the place of an intrinsic function. */
function resolve(value: any): any {
  if (Array.isArray(value)) { return value.map(resolve); }
  if (typeof value !== 'object' || value === null) { return value; }
  const [[key, argument]] = Object.entries<any>(value);
  switch (key) {
    case 'Ref': return argument === 'AWS::Partition' ? 'aws' : argument;
    case 'Fn::Join': return resolve(argument[1]).join(argument[0]);
    case 'Fn::GetAtt': return argument[1] === 'Arn' ? `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${argument[0]}:*` : argument.join('.');
    default: return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item)]));
  }
}

function named(pairs: { Name: string; Value: unknown }[] = []): Record<string, string> {
  return Object.fromEntries(pairs.map(({ Name, Value }) => [Name, resolve(Value)]));
}

const [definition] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
const containers: any[] = definition.Properties.ContainerDefinitions;
const container = (name: string) => containers.find(({ Name }) => Name === name);
const role: string = definition.Properties.TaskRoleArn['Fn::GetAtt'][0];
const policies = Object.values(template.findResources('AWS::IAM::Policy')).filter(({ Properties }) => Properties.Roles.some((it: any) => it.Ref === role));

const task: Task = {
  region: REGION,
  account: ACCOUNT,
  server: { environment: named(container('Main').Environment) },
  collector: {
    environment: named(container('Telemetry').Environment),
    memoryMiB: container('Telemetry').Memory,
    readonlyRoot: container('Telemetry').ReadonlyRootFilesystem === true,
    essential: container('Telemetry').Essential,
  },
  statements: policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement).map(({ Action, Resource }) => ({
    actions: [Action].flat(),
    resources: [resolve(Resource)].flat(),
  })),
  logGroups: Object.keys(template.findResources('AWS::Logs::LogGroup')),
};
writeFileSync(process.argv[2], JSON.stringify(task, null, 2));
