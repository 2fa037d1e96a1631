import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { secretOf } from './support';
import {
  FlueDatabase, FlueDeployment, FlueEc2Service, FlueExposure, FlueExpressService, FlueFargateService, FlueImage, FlueModel, FlueNetwork,
  FlueTelemetry, type FlueEc2ServiceProps, type FlueTaskProps,
} from '../../src';

/** Actions that AWS does not tie to a resource, each with the reason we need it. */
const WITHOUT_RESOURCE: Record<string, string> = {
  'ecr:GetAuthorizationToken': 'a login to the registry, which is one for the account',
  'elasticloadbalancing:DescribeLoadBalancerAttributes': 'reads the idle timeout of the shared load balancer before raising it',
  'elasticloadbalancing:DescribeRules': 'finds the target groups that Express made for the service',
  'logs:DescribeLogGroups': 'ECS Exec, when it is turned on',
  'xray:PutTraceSegments': 'a collector beside the server, when there is one; X-Ray has no resource to name',
  'ssmmessages:CreateControlChannel': 'ECS Exec, when it is turned on',
  'ssmmessages:CreateDataChannel': 'ECS Exec, when it is turned on',
  'ssmmessages:OpenControlChannel': 'ECS Exec, when it is turned on',
  'ssmmessages:OpenDataChannel': 'ECS Exec, when it is turned on',
};

/** Policies of AWS that a role of ours has. */
const MANAGED = ['service-role/AmazonECSInfrastructureRoleforExpressGatewayServices'];

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

interface Role {
  readonly id: string;
  readonly trusts: unknown;
  readonly managed: unknown[];
  readonly statements: Statement[];
}

const listOf = <T>(value: T | T[] | undefined): T[] => value === undefined ? [] : Array.isArray(value) ? value : [value];

function rolesOf(template: Template): Role[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  return Object.entries(template.findResources('AWS::IAM::Role')).map(([id, { Properties }]) => ({
    id,
    trusts: Properties.AssumeRolePolicyDocument.Statement,
    managed: listOf(Properties.ManagedPolicyArns),
    statements: [
      ...policies
        .filter(policy => policy.Properties.Roles.some((role: { Ref?: string }) => role.Ref === id))
        .map(policy => policy.Properties.PolicyDocument),
      ...listOf<{ PolicyDocument: { Statement: Statement[] } }>(Properties.Policies).map(policy => policy.PolicyDocument),
    ].flatMap(({ Statement: statements }) => statements),
  }));
}

type Extra = (stack: Stack) => Partial<FlueTaskProps & Pick<FlueEc2ServiceProps, 'role'>>;

const VARIANTS: [string, (stack: Stack, extra: Extra) => unknown][] = [
  ['Fargate', (stack, extra) => new FlueFargateService(stack, 'Agents', { image: imageIn(stack), enableExecuteCommand: true, ...extra(stack) })],
  ['Express', (stack, extra) => new FlueExpressService(stack, 'Agents', { image: imageIn(stack), ...extra(stack) })],
];

function imageIn(stack: Stack) {
  return FlueImage.fromEcrRepository(stack, 'Image', Repository.fromRepositoryName(stack, 'Repository', 'agents'), { caBundlePath: '/ca.pem' });
}

function everything(stack: Stack): Partial<FlueTaskProps> {
  return {
    model: FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6'),
    secrets: {
      API_TOKEN: Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Token'), 'token'),
      SIGNING_KEY: secretOf(stack, 'Signing'),
    },
  };
}

function synthesize(serve: (stack: Stack, extra: Extra) => unknown, extra: Extra = everything): { roles: Role[]; template: Template } {
  const stack = new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
  serve(stack, extra);
  const template = Template.fromStack(stack);
  return { roles: rolesOf(template), template };
}

describe.each(VARIANTS)('permissions of %s', (_, serve) => {
  test('there are roles with statements to look at', () => {
    const { roles } = synthesize(serve);
    expect(roles.length).toBeGreaterThanOrEqual(2);
    expect(roles.flatMap(({ statements }) => statements).length).toBeGreaterThanOrEqual(5);
  });

  test('no statement allows every action of a service, and none has NotAction or NotResource', () => {
    for (const statement of synthesize(serve).roles.flatMap(({ statements }) => statements)) {
      const { Condition, ...rest } = statement;
      expect([undefined, { StringEquals: { 'aws:ResourceTag/AmazonECSManaged': 'true' } }]).toContainEqual(Condition);
      expect(Object.keys(rest).sort()).toEqual(['Action', 'Effect', 'Resource']);
      expect(statement.Effect).toBe('Allow');
      expect(listOf(statement.Action).filter(action => action.includes('*'))).toEqual([]);
    }
  });

  test('every resource is named, but for actions that know none', () => {
    const unnamed = synthesize(serve).roles.flatMap(({ statements }) => statements)
      .filter(({ Resource }) => listOf(Resource).includes('*'))
      .flatMap(({ Action }) => listOf(Action));
    expect(unnamed.filter(action => !(action in WITHOUT_RESOURCE))).toEqual([]);
    expect(unnamed).toContain('ecr:GetAuthorizationToken');
  });

  test('the execution role reads exactly the secrets that the container takes', () => {
    const { roles, template } = synthesize(serve);
    const [definition] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
    const [container] = definition!.Properties.ContainerDefinitions;
    const executes = roles.find(({ id }) => id === definition!.Properties.ExecutionRoleArn['Fn::GetAtt'][0])!;
    const readable = (service: string) => executes.statements
      .filter(({ Action }) => listOf(Action).some(action => action.startsWith(`${service}:`)))
      .flatMap(({ Resource }) => listOf(Resource)).map(resource => JSON.stringify(resource));
    expect(container.Secrets.map(({ Name }: { Name: string }) => Name).sort()).toEqual(['API_TOKEN', 'SIGNING_KEY']);
    const [token] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    expect(readable('secretsmanager')).toEqual([JSON.stringify({ Ref: token })]);
    expect(readable('ssm')).toHaveLength(1);
    expect(readable('ssm')[0]).toContain('parameter/flue/Signing');
  });

  test('the task role has what a model on Bedrock needs, and nothing without one', () => {
    const taskRole = ({ roles, template }: ReturnType<typeof synthesize>) => {
      const [definition] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
      return roles.find(({ id }) => id === definition!.Properties.TaskRoleArn['Fn::GetAtt'][0])!;
    };
    const actions = (role: Role) => role.statements.flatMap(({ Action }) => listOf(Action))
      .filter(action => !(action in WITHOUT_RESOURCE) && !action.startsWith('logs:')).sort();
    expect(actions(taskRole(synthesize(serve)))).toEqual(['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream']);
    expect(actions(taskRole(synthesize(serve, () => ({}))))).toEqual([]);
    expect(taskRole(synthesize(serve)).managed).toEqual([]);
  });

  test('a collector beside the server adds no pattern, and no resource that could be named', () => {
    const statements = synthesize(serve, stack => ({ ...everything(stack), telemetry: FlueTelemetry.adot() })).roles.flatMap(role => role.statements);
    expect(statements.flatMap(({ Action }) => listOf(Action)).filter(action => action.includes('*'))).toEqual([]);
    const unnamed = statements.filter(({ Resource }) => listOf(Resource).includes('*')).flatMap(({ Action }) => listOf(Action));
    expect(unnamed).toContain('xray:PutTraceSegments');
    expect(unnamed.filter(action => !(action in WITHOUT_RESOURCE))).toEqual([]);
  });

  test('only services of AWS assume the roles, one each', () => {
    const trusted = synthesize(serve).roles.map(({ id, trusts }) => {
      const [statement, ...others] = listOf(trusts) as { Action: string; Principal: { Service?: string } }[];
      expect(others).toEqual([]);
      expect(Object.keys(statement!.Principal)).toEqual(['Service']);
      expect(statement!.Action).toBe('sts:AssumeRole');
      return [id.replace(/[0-9A-F]{8}$/, ''), statement!.Principal.Service];
    });
    expect(Object.fromEntries(trusted)).toEqual({
      AgentsTaskDefinitionExecutionRole: 'ecs-tasks.amazonaws.com',
      AgentsTaskDefinitionTaskRole: 'ecs-tasks.amazonaws.com',
      ...serve === VARIANTS[1]![1] ? { AgentsInfrastructureRole: 'ecs.amazonaws.com', AgentsManagedLoadBalancerRole: 'lambda.amazonaws.com' } : {},
    });
  });

  test('policies of AWS are only those that a platform asks for', () => {
    const managed = synthesize(serve).roles.flatMap(role => role.managed).map(arn => JSON.stringify(arn));
    expect(managed.filter(arn => !MANAGED.some(name => arn.includes(`:iam::aws:policy/${name}"`)))).toEqual([]);
  });
});

describe('permissions of EC2', () => {
  /** Actions on any resource, each with what confines it or the reason that nothing can. */
  const UNNAMED: Record<string, string> = {
    ...WITHOUT_RESOURCE,
    'cloudwatch:PutMetricData': 'a condition names the namespace',
    'ec2:DescribeInstances': 'the boot waits until no other box of the server is there',
    'ec2:DescribeVolumes': 'the boot waits until the data volume is free',
    'ssm:UpdateInstanceInformation': 'Session Manager',
  };

  const box = () => synthesize(
    (stack, extra) => new FlueEc2Service(stack, 'Agents', { image: imageIn(stack), dataVolumeSize: Size.gibibytes(8), ...extra(stack) }),
  );

  test('are those of one role that EC2 alone assumes, without policies of AWS', () => {
    const { roles } = box();
    expect(roles.map(({ trusts }) => trusts)).toEqual([[{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' } }]]);
    expect(roles[0]!.managed).toEqual([]);
    expect(roles[0]!.statements.length).toBeGreaterThanOrEqual(10);
  });

  test('allow no action by a pattern', () => {
    const patterns = box().roles[0]!.statements.flatMap(({ Action }) => listOf(Action)).filter(action => action.includes('*'));
    expect(patterns).toEqual([]);
  });

  test('name every resource, or are confined by a condition, or know none', () => {
    const open = box().roles[0]!.statements.filter(({ Resource }) => listOf(Resource).includes('*'));
    expect(open.flatMap(({ Action }) => listOf(Action)).filter(action => !(action in UNNAMED))).toEqual([]);
    const patterned = box().roles[0]!.statements
      // a model of an inference profile is in whatever region the profile routes to
      .filter(({ Action }) => !listOf(Action).includes('bedrock:InvokeModel'))
      .filter(({ Resource }) => listOf(Resource).some(resource => resource !== '*' && JSON.stringify(resource).includes('*')));
    expect(patterned.length).toBeGreaterThanOrEqual(3);
    for (const statement of patterned) {
      expect(statement).toHaveProperty('Condition');
    }
  });

  test('read exactly the secrets that the server takes', () => {
    const { roles, template } = box();
    const [token] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    const readable = (action: string) => roles[0]!.statements
      .filter(({ Action }) => listOf(Action).includes(action)).flatMap(({ Resource }) => listOf(Resource));
    expect(readable('secretsmanager:GetSecretValue')).toEqual([{ Ref: token }]);
    expect(readable('ssm:GetParameter')).toHaveLength(1);
    expect(JSON.stringify(readable('ssm:GetParameter'))).toContain('parameter/flue/Signing');
  });
});

describe('permissions of what production adds', () => {
  /** The roles of a blue/green service behind CloudFront, whose database is monitored. */
  const roles = (() => {
    const stack = new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
    const { vpc } = new FlueNetwork(stack, 'Network');
    new FlueFargateService(stack, 'Agents', {
      image: imageIn(stack),
      vpc,
      database: new FlueDatabase(stack, 'Database', { vpc, monitoringInterval: Duration.seconds(60) }),
      exposure: FlueExposure.cloudFront(),
      deployment: FlueDeployment.blueGreen(),
    });
    return rolesOf(Template.fromStack(stack));
  })();
  const named = (pattern: RegExp) => roles.find(({ id }) => pattern.test(id))!;
  const unnamed = ({ statements }: Role) => statements.filter(({ Resource }) => listOf(Resource).includes('*')).flatMap(({ Action }) => listOf(Action));

  test('names every resource, but for the look-up of a prefix list, which knows none', () => {
    const open = roles.flatMap(unnamed).filter(action => !(action in WITHOUT_RESOURCE));
    expect(open).toEqual(['ec2:DescribeManagedPrefixLists']);
    expect(roles.flatMap(({ statements }) => statements).flatMap(({ Action }) => listOf(Action)).filter(action => action.includes('*'))).toEqual([]);
  });

  test('lets only ECS shift traffic, by the policy of AWS for it', () => {
    const role = named(/BlueGreen/);
    expect(JSON.stringify(role.trusts)).toContain('"ecs.amazonaws.com"');
    expect(role.statements).toEqual([]);
    expect(JSON.stringify(role.managed)).toContain('AmazonECSInfrastructureRolePolicyForLoadBalancers');
  });

  test('lets only RDS, for this account, publish metrics, to its own log groups', () => {
    const role = named(/MonitoringRole/);
    expect(role.trusts).toEqual([expect.objectContaining({
      Principal: { Service: 'monitoring.rds.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
    })]);
    expect(role.managed).toEqual([]);
    const resources = role.statements.flatMap(({ Resource }) => listOf(Resource)).map(resource => JSON.stringify(resource));
    expect(resources).toHaveLength(2);
    resources.forEach(resource => expect(resource).toContain(':logs:eu-central-1:111111111111:log-group:RDS*'));
  });
});

/** What each of our roles is allowed, by the role that is given or made. */
function allowedTo(template: Template, of: (id: string) => boolean): string[] {
  return rolesOf(template).filter(({ id }) => of(id)).flatMap(({ statements }) => statements).flatMap(({ Action }) => Action).sort();
}

describe('a role that is given', () => {
  const trusts = (service: string) => (stack: Stack, id: string) => new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal(service) });

  test.each(VARIANTS)('is granted what our own would be on %s', (_, serve) => {
    const tasks = trusts('ecs-tasks.amazonaws.com');
    const own = synthesize(serve).template;
    const given = synthesize(serve, stack => ({ ...everything(stack), taskRole: tasks(stack, 'GivenTask'), executionRole: tasks(stack, 'GivenExecution') })).template;
    for (const role of ['Task', 'Execution']) {
      const allowed = allowedTo(given, id => id.startsWith(`Given${role}`));
      expect(allowed.length).toBeGreaterThan(0);
      expect(allowed).toEqual(allowedTo(own, id => id.startsWith(`AgentsTaskDefinition${role}Role`)));
    }
    expect(rolesOf(given).filter(({ id }) => id.startsWith('AgentsTaskDefinition'))).toEqual([]);
  });

  test('is granted what our own would be on EC2', () => {
    const box = (stack: Stack, extra: Extra) => new FlueEc2Service(stack, 'Agents', { image: imageIn(stack), ...extra(stack) });
    const own = allowedTo(synthesize(box).template, id => id.startsWith('AgentsRole'));
    const given = allowedTo(synthesize(box, stack => ({ ...everything(stack), role: trusts('ec2.amazonaws.com')(stack, 'Given') })).template, id => id.startsWith('Given'));
    expect(given.length).toBeGreaterThan(10);
    expect(given).toEqual(own);
  });

  test.each(VARIANTS)('and is immutable gets nothing on %s', (_, serve) => {
    const imported = (stack: Stack, id: string) => iam.Role.fromRoleArn(stack, id, `arn:aws:iam::111111111111:role/${id}`, { mutable: false });
    const { template } = synthesize(serve, stack => ({ ...everything(stack), taskRole: imported(stack, 'task'), executionRole: imported(stack, 'execution') }));
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      TaskRoleArn: 'arn:aws:iam::111111111111:role/task', ExecutionRoleArn: 'arn:aws:iam::111111111111:role/execution',
    });
    const policies = Object.values(template.findResources('AWS::IAM::Policy'));
    expect(policies.flatMap(({ Properties: { Roles } }) => Roles).filter(role => typeof role === 'string')).toEqual([]);
  });
});
