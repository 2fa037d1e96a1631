import { Duration } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { CodeInterpreterNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { InterfaceVpcEndpointAwsService, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { pool, serverImage, world } from './support';
import { FlueEc2Service, FlueFargateService, FlueSandbox, type FlueCodeInterpreterSandboxOptions, type FlueSandboxesProps } from '../../src';
import { expectTemplateSnapshot } from '../support/snapshot';

const interpreter = (options: FlueCodeInterpreterSandboxOptions = {}, props: Partial<FlueSandboxesProps> = {}) =>
  pool({ sandbox: FlueSandbox.codeInterpreter(options), ...props });

test('a pool of sessions is one resource, without a role', () => {
  const { stack, sandboxes } = interpreter();
  const template = Template.fromStack(stack);
  expectTemplateSnapshot(template);
  template.resourceCountIs('AWS::IAM::Role', 0);
  template.hasResource('AWS::BedrockAgentCore::CodeInterpreterCustom', {
    Properties: { NetworkConfiguration: { NetworkMode: 'SANDBOX' }, ExecutionRoleArn: Match.absent(), Name: Match.stringLikeRegexp('^[a-zA-Z][a-zA-Z0-9_]{0,39}_SANDBOX$') },
  });
  const { connections, taskDefinition, container, cluster, logGroup, reaper, alarm, interfaceEndpoints } = sandboxes;
  expect([connections, taskDefinition, container, cluster, logGroup, reaper, alarm]).toEqual(Array(7).fill(undefined));
  expect(interfaceEndpoints).toEqual({});
  expect(sandboxes.node.defaultChild).toBe(sandboxes.codeInterpreter);
});

test('maximal pool of sessions', () => {
  const options: Required<FlueCodeInterpreterSandboxOptions> = { networkConfiguration: CodeInterpreterNetworkConfiguration.usingPublicNetwork() };
  expectTemplateSnapshot(Template.fromStack(interpreter(options).stack));
});

test('tasks are no code interpreter', () => {
  expect(pool().sandboxes.codeInterpreter).toBeUndefined();
});

describe('what a session reaches', () => {
  const warning = Match.stringLikeRegexp('A session of the code interpreter reaches');

  test('is a warning that names it', () => {
    Annotations.fromStack(interpreter().stack).hasWarning('/Test/Sandboxes', Match.stringLikeRegexp('reaches every bucket of Amazon S3, and has every name looked up\\.'));
    const open = interpreter({ networkConfiguration: CodeInterpreterNetworkConfiguration.usingPublicNetwork() });
    Annotations.fromStack(open.stack).hasWarning('/Test/Sandboxes', Match.stringLikeRegexp('reaches the whole internet\\.'));
    expect(open.sandboxes.codeInterpreter!.codeInterpreterCustomName).toMatch(/_PUBLIC$/);
  });

  test('is what the security groups say in a VPC', () => {
    const { stack, vpc } = world();
    const networkConfiguration = CodeInterpreterNetworkConfiguration.usingVpc(stack, {
      vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED }, allowAllOutbound: false,
    });
    const { sandboxes } = pool({ sandbox: FlueSandbox.codeInterpreter({ networkConfiguration }) }, { stack, vpc });
    Annotations.fromStack(stack).hasNoWarning('*', warning);
    expect(sandboxes.connections.securityGroups).toHaveLength(1);
  });
});

test.each([[28801, false], [28800, true], [60, true]])('a lifetime of %d s is taken: %j', (seconds, isTaken) => {
  const make = () => interpreter({}, { maxLifetime: Duration.seconds(seconds), idleTimeout: Duration.seconds(60) });
  if (isTaken) {
    expect(make).not.toThrow();
  } else {
    expect(make).toThrow('[Test/Sandboxes] `maxLifetime` must be 60–28800 whole seconds for a code interpreter, got: 28801 s. Leave it out for 60 minutes');
  }
});

test('nobody counts its running sessions', () => {
  expect(() => interpreter().sandboxes.metricRunningSandboxes()).toThrow('[Test/Sandboxes] `metricRunningSandboxes()` must be asked of sandboxes on Fargate, got: a code interpreter. ');
});

describe('addSandboxes()', () => {
  test('gives the server the variables of the contract, four actions on one resource, and no rule', () => {
    const { stack, vpc, sandboxes } = interpreter({}, { maxConcurrent: 3 });
    const agents = new FlueFargateService(stack, 'Agents', { image: serverImage(stack), vpc });
    agents.addSandboxes(sandboxes);
    const template = Template.fromStack(stack);
    const [{ Properties }] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
    const id = stack.resolve(sandboxes.codeInterpreter!.codeInterpreterId);
    const given = Properties.ContainerDefinitions[0].Environment.filter(({ Name }: { Name: string }) => /^SANDBOX_/.test(Name));
    expect(Object.fromEntries(given.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]))).toEqual({
      SANDBOX_KIND: 'code-interpreter',
      SANDBOX_CODE_INTERPRETER: id,
      SANDBOX_MAX_CONCURRENT: '3',
      SANDBOX_MAX_LIFETIME_SECONDS: '3600',
      SANDBOX_IDLE_SECONDS: '900',
      SANDBOX_POOL: sandboxes.poolName,
    });
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(policy => policy.Properties.PolicyDocument.Statement)
      .filter(statement => /agentcore/.test(JSON.stringify(statement.Action)));
    expect(statements).toEqual([{
      Action: [
        'bedrock-agentcore:StartCodeInterpreterSession', 'bedrock-agentcore:InvokeCodeInterpreter', 'bedrock-agentcore:GetCodeInterpreterSession',
        'bedrock-agentcore:StopCodeInterpreterSession',
      ],
      Effect: 'Allow',
      Resource: stack.resolve(sandboxes.codeInterpreter!.codeInterpreterArn),
    }]);
    expect(Object.values(template.findResources('AWS::EC2::SecurityGroupIngress'))).toMatchObject([{ Properties: { Description: 'Load balancer to target' } }]);
  });

  test('has no role to refer to', () => {
    const { stack, sandboxes } = interpreter();
    const none = (name: string) => `[Test/Sandboxes/CodeInterpreter] \`${name}\` must be asked of a code interpreter with a role, got: that of a pool, which has none. `
      + 'Let the server use the right, and hand the session what it needs of the result';
    expect(() => sandboxes.codeInterpreter!.executionRole).toThrow(none('executionRole'));
    expect(() => new Bucket(stack, 'Bucket').grantRead(sandboxes.codeInterpreter!)).toThrow(none('grantPrincipal'));
    expect(Object.keys(Template.fromStack(stack).findResources('AWS::BedrockAgentCore::CodeInterpreterCustom'))).toHaveLength(1);
  });

  test('gives operators what lists and ends sessions', () => {
    const { stack, vpc, sandboxes } = interpreter();
    const agents = new FlueFargateService(stack, 'Agents', { image: serverImage(stack), vpc });
    agents.addSandboxes(sandboxes);
    const { listSandboxes, endSandboxes } = agents.addOperatorCommands();
    const id = sandboxes.codeInterpreter!.codeInterpreterId;
    expect(listSandboxes).toBe(`aws bedrock-agentcore list-code-interpreter-sessions --region eu-west-1 --code-interpreter-identifier ${id} --status READY`
      + ' --query \'items[].{session: sessionId, server: name, status: status, since: createdAt}\' --output json');
    expect(endSandboxes).toContain(`| xargs -r -n 1 aws bedrock-agentcore stop-code-interpreter-session --region eu-west-1 --code-interpreter-identifier ${id} `);
    expect(endSandboxes).toContain('tr \'\\t\' \'\\n\'');
  });

  describe('a server without a way to AgentCore', () => {
    const warning = Match.stringLikeRegexp('starts sessions of a code interpreter, and its subnets have neither');
    const cutOff = (sandbox: FlueSandbox | undefined, subnetType: SubnetType, service?: InterfaceVpcEndpointAwsService) => {
      const { stack, vpc, sandboxes } = pool({ sandbox });
      new FlueFargateService(stack, 'Agents', { image: serverImage(stack), vpc, vpcSubnets: { subnetType } }).addSandboxes(sandboxes);
      if (service) {
        // after the service, as the stack of a network may
        vpc.addInterfaceEndpoint('Endpoint', { service });
      }
      stack.node.root.node.findAll().flatMap(construct => construct.node.validate());
      return Annotations.fromStack(stack);
    };

    test('is warned of', () => {
      cutOff(FlueSandbox.codeInterpreter(), SubnetType.PRIVATE_ISOLATED).hasWarning('/Test/Agents', warning);
      cutOff(FlueSandbox.codeInterpreter(), SubnetType.PRIVATE_ISOLATED, InterfaceVpcEndpointAwsService.BEDROCK_AGENTCORE_GATEWAY).hasWarning('/Test/Agents', warning);
    });

    test('is none with the endpoint, in public subnets, on a box and with tasks', () => {
      cutOff(FlueSandbox.codeInterpreter(), SubnetType.PRIVATE_ISOLATED, InterfaceVpcEndpointAwsService.BEDROCK_AGENTCORE).hasNoWarning('/Test/Agents', warning);
      cutOff(FlueSandbox.codeInterpreter(), SubnetType.PUBLIC).hasNoWarning('/Test/Agents', warning);
      cutOff(undefined, SubnetType.PRIVATE_ISOLATED).hasNoWarning('/Test/Agents', warning);
      const { stack, vpc, sandboxes } = interpreter();
      new FlueEc2Service(stack, 'Box', { image: serverImage(stack), vpc }).addSandboxes(sandboxes);
      stack.node.findAll().flatMap(construct => construct.node.validate());
      Annotations.fromStack(stack).hasNoWarning('/Test/Box', warning);
    });
  });
});
