import type { Construct } from 'constructs';
import { acknowledgeFindings, acknowledgeWarnings } from '../acknowledge.ts';
import { REASONS } from '../acknowledgements.ts';

const LAMBDA_POLICIES = ['AWSLambdaBasicExecutionRole', 'AWSLambdaVPCAccessExecutionRole'].map(
  name => `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/${name}]`,
);

export function acknowledgeEvents(stack: Construct, agents: Construct): void {
  acknowledgeFindings(stack, REASONS.SMG4, 'AwsSolutions-SMG4');
  acknowledgeFindings(stack, REASONS.ECS2, 'AwsSolutions-ECS2');
  acknowledgeFindings(stack, REASONS.ELB2, 'AwsSolutions-ELB2');
  acknowledgeFindings(stack, REASONS['IAM5[Resource::*]'], 'AwsSolutions-IAM5[Resource::*]');
  acknowledgeFindings(stack, 'AWS maintains both: a function writes its log, and the one in the VPC makes its network interfaces.', ...LAMBDA_POLICIES);
  acknowledgeFindings(stack, 'The functions run on the version of Node.js on which the library tests them, and AWS still patches it.', 'AwsSolutions-L1');
  acknowledgeFindings(stack, 'The queue of the undelivered is where events end that came into no other queue, as dead letters do; an alarm watches it.', 'AwsSolutions-SQS3');
  acknowledgeFindings(stack, 'GitHub signs each request, and the function checks the signature of the body, which no authorizer sees.', 'AwsSolutions-APIG4');
  acknowledgeFindings(stack, 'Its one route is a function, which logs what it accepts, and what it refuses for its signature.', 'AwsSolutions-APIG1');
  acknowledgeWarnings(agents, 'The load balancer admits the inbox alone, and what it sends stays in the VPC. Pass `domainName` and `hostedZone` before others may call.',
    'cdk-flue:FlueFargateService.plainHttp');
}
