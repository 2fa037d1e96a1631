import type { Construct } from 'constructs';
import { acknowledgeFindings, acknowledgeWarnings } from '../acknowledge.ts';
import { acknowledgeInbox, REASONS } from '../acknowledgements.ts';

export function acknowledgeEvents(stack: Construct, agents: Construct): void {
  acknowledgeFindings(stack, REASONS.SMG4, 'AwsSolutions-SMG4');
  acknowledgeFindings(stack, REASONS.ECS2, 'AwsSolutions-ECS2');
  acknowledgeFindings(stack, REASONS.ELB2, 'AwsSolutions-ELB2');
  acknowledgeFindings(stack, REASONS['IAM5[Resource::*]'], 'AwsSolutions-IAM5[Resource::*]');
  acknowledgeInbox(stack);
  acknowledgeWarnings(agents, 'The load balancer admits the inbox alone, and what it sends stays in the VPC. Pass `domainName` and `hostedZone` before others may call.',
    'cdk-flue:FlueFargateService.plainHttp');
}
