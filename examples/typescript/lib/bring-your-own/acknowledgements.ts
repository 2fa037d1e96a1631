import type { Construct } from 'constructs';
import { acknowledgeFindings } from '../acknowledge.ts';
import { REASONS } from '../acknowledgements.ts';

export function acknowledgeBringYourOwn(stack: Construct): void {
  acknowledgeFindings(stack, REASONS.ECS2, 'AwsSolutions-ECS2');
  acknowledgeFindings(stack, 'ecr:GetAuthorizationToken takes no resource.', 'AwsSolutions-IAM5[Resource::*]');
}
