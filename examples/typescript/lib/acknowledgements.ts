import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Every finding that stays in the example, with the reason to accept it. */
export const REASONS = {
  VPC7: 'A demonstration network: flow logs are billed per GB and add nothing to trace but the agents and their database. Add `vpc.addFlowLog` before production.',
  RDS3: 'One zone at half the price: an outage of the zone stops the agents, and backups of seven days restore them. Production sets `multiAz: true`.',
  RDS11: 'The port is no secret: the database has no public address and its security group admits the agents alone.',
  SMG4: 'The provider key changes where it was issued, and the connection string holds the password: rotating either alone would cut the agents off.',
  EC23: 'Clients are on the internet. The application asks each of them for API_TOKEN, and the tasks admit only the load balancer.',
  ECS2: 'The variables are settings (port, model, paths). Every secret is a reference to Secrets Manager.',
  ELB2: 'A demonstration without traffic to audit. Production passes `accessLogsBucket`.',
  IAM5: 'ecr:GetAuthorizationToken and the actions on the load balancer managed by ECS have no resource to name before they are created.',
  IAM4: 'The policy is the one AWS requires of, and maintains for, the infrastructure role of ECS Express Mode.',
} as const;

function acknowledge(scope: Construct, ...rules: (keyof typeof REASONS)[]): void {
  Validations.of(scope).acknowledge(...rules.map(rule => ({ id: `AwsSolutions-${rule}`, reason: REASONS[rule] })));
}

export function acknowledgeData(stack: Construct): void {
  acknowledge(stack, 'VPC7', 'RDS3', 'RDS11', 'SMG4');
}

export function acknowledgeFargate(stack: Construct, agents: Construct): void {
  acknowledge(stack, 'EC23', 'ECS2', 'ELB2', 'IAM5');
  Validations.of(agents).acknowledge({
    id: 'cdk-flue:FlueFargateService.plainHttp',
    reason: 'There is no domain name to hold a certificate for. Pass `certificate` and `domainName` before a token crosses a network you do not trust.',
  });
}

export function acknowledgeExpress(stack: Construct, agents: Construct): void {
  acknowledge(stack, 'ECS2', 'IAM4', 'IAM5');
  Validations.of(agents).acknowledge({
    id: 'cdk-flue:OneLiveOwner.overlap',
    reason: 'Express Mode always shifts traffic between two revisions; prompts in flight while the example is deployed may be lost.',
  });
}
