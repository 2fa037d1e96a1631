import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledgeFindings, acknowledgeWarnings } from '../acknowledge.ts';
import { acknowledgeBox } from '../acknowledgements.ts';

export function acknowledgeLowCost(stack: Construct, agents: Construct): void {
  acknowledgeBox(stack, agents);
  acknowledgeFindings(stack, 'Clients are on the internet: the application asks each of them for API_TOKEN, and the box admits HTTP and HTTPS alone.', 'AwsSolutions-EC23');
  acknowledgeFindings(stack, 'One box in a network of its own: its own log says who called, and flow logs would cost as much as its volume.', 'AwsSolutions-VPC7');
  acknowledgeWarnings(agents, 'The application asks each caller for API_TOKEN.', 'cdk-flue:FlueService.publicWithoutAuthentication');
  Validations.of(agents).acknowledge({
    id: 'CloudFormation-Validate::E3023', reason: 'The record holds the address that the stack makes; the validator takes its reference for one.',
  });
}
