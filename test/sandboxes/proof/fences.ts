import { REGION, type Container, type Deployed } from './template';

const ANYWHERE = { IpProtocol: '-1', CidrIp: '0.0.0.0/0' };
const container = (deployed: Deployed): Container => deployed.sandbox.ContainerDefinitions[0];

/** Lets everything out of sandboxes. */
export function openEgress(deployed: Deployed): void {
  deployed.add('OpenEgress', 'AWS::EC2::SecurityGroupEgress', { ...ANYWHERE, GroupId: deployed.variables.SANDBOX_SECURITY_GROUPS });
}

/** Lets everything into whatever has a security group. */
export function openIngress(deployed: Deployed): void {
  for (const [id] of deployed.of('AWS::EC2::SecurityGroup')) {
    deployed.add(`OpenIngress${id}`, 'AWS::EC2::SecurityGroupIngress', { ...ANYWHERE, GroupId: id });
  }
}

/** Gives the subnets of sandboxes a route to the internet. */
export function openRoute(deployed: Deployed): void {
  const subnets = deployed.variables.SANDBOX_SUBNETS!.split(',');
  for (const [id, { SubnetId, RouteTableId }] of deployed.of('AWS::EC2::SubnetRouteTableAssociation')) {
    if (subnets.includes(SubnetId)) {
      deployed.add(`Route${id}`, 'AWS::EC2::Route', { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw' });
    }
  }
}

export function giveRole(deployed: Deployed): void {
  deployed.sandbox.TaskRoleArn = 'arn:aws:iam::111111111111:role/planted';
}

export function giveSecret(deployed: Deployed): void {
  container(deployed).Secrets = [{ Name: 'API_TOKEN', ValueFrom: `arn:aws:ssm:${REGION}:111111111111:parameter/planted` }];
}

export function makeRoot(deployed: Deployed): void {
  container(deployed).User = '0:0';
}

export function makeWritable(deployed: Deployed): void {
  container(deployed).ReadonlyRootFilesystem = false;
}

export function keepCapabilities(deployed: Deployed): void {
  container(deployed).LinuxParameters!.Capabilities = {};
}

export function takeInit(deployed: Deployed): void {
  container(deployed).LinuxParameters!.InitProcessEnabled = false;
}

/** Lets nothing in from one security group into another. */
export function closeBetween(from: string, to: string): (deployed: Deployed) => void {
  return deployed => {
    for (const [id, { GroupId, SourceSecurityGroupId }] of deployed.of('AWS::EC2::SecurityGroupIngress')) {
      if (GroupId === to && SourceSecurityGroupId === from) {
        delete deployed.resources[id];
      }
    }
  };
}

/** The times of the daemon, shorter than FlueSandboxes admits, so that the test need not wait for them. */
export function shorten(variable: 'SANDBOX_IDLE_SECONDS' | 'SANDBOX_MAX_LIFETIME_SECONDS', seconds: number): (deployed: Deployed) => void {
  return deployed => {
    container(deployed).Environment.find(({ Name }) => Name === variable)!.Value = String(seconds);
  };
}
