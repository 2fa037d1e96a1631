import { Annotations as Notes, type Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Peer, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { certificateIn, newStack, oidcIn, webAclIn } from './support';
import {
  FlueEc2Service, FlueExposure, FlueExpressService, FlueFargateService, type FlueEc2ServiceProps, type FlueFargateServiceProps,
} from '../../src';
import { imageOf } from '../service/support';

const ID = 'cdk-flue:FlueService.publicWithoutAuthentication';
const office = Peer.ipv4('203.0.113.0/24');

const fargate = (props: (stack: Stack) => Partial<FlueFargateServiceProps> = () => ({})) =>
  (stack: Stack) => new FlueFargateService(stack, 'Agents', { image: imageOf(stack), ...props(stack) });
const express = (subnetType: SubnetType) =>
  (stack: Stack) => new FlueExpressService(stack, 'Agents', { image: imageOf(stack), vpc: new Vpc(stack, 'Net', { maxAzs: 2 }), vpcSubnets: { subnetType } });
const box = (props: Partial<FlueEc2ServiceProps>) =>
  (stack: Stack) => new FlueEc2Service(stack, 'Agents', { image: imageOf(stack), ...props });

test.each<[string, (stack: Stack) => unknown]>([
  ['a load balancer that is open', fargate()],
  ['one with HTTPS', fargate(stack => ({ certificate: certificateIn(stack) }))],
  ['one with a web ACL, which knows no callers', fargate(stack => ({ webAcl: webAclIn(stack, 'REGIONAL') }))],
  ['one that names one half of everyone', fargate(() => ({ exposure: FlueExposure.toPeers(office, Peer.ipv4('128.0.0.0/1')) }))],
  ['one that names everyone', fargate(() => ({ exposure: FlueExposure.toPeers(office, Peer.anyIpv6()) }))],
  ['Express in public subnets', express(SubnetType.PUBLIC)],
  ['a box with a domain', box({ domainName: 'agents.example.com' })],
])('%s is warned of', (_what, build) => {
  const stack = newStack();
  build(stack);
  Annotations.fromStack(stack).hasWarning('/Test/Agents', Match.stringLikeRegexp(`no authentication of their own.*\\[ack: ${ID}\\]`));
});

test.each<[string, (stack: Stack) => unknown]>([
  ['a sign-in', fargate(stack => ({ certificate: certificateIn(stack), auth: oidcIn(stack) }))],
  ['peers', fargate(() => ({ exposure: FlueExposure.toPeers(office) }))],
  ['an internal load balancer, whoever may connect', fargate(() => ({ exposure: FlueExposure.internal(Peer.anyIpv4()) }))],
  ['Express in private subnets', express(SubnetType.PRIVATE_WITH_EGRESS)],
  ['a box for peers', box({ exposure: FlueExposure.toPeers(office) })],
  ['a box for peers, with a domain', box({
    exposure: FlueExposure.toPeers(office), domainName: 'agents.example.com',
  })],
  ['a box for nobody', box({})],
])('%s is not', (_what, build) => {
  const stack = newStack();
  build(stack);
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp(ID));
});

test('the warning can be acknowledged', () => {
  const stack = newStack();
  Notes.of(fargate()(stack)).acknowledgeWarning(ID, 'The app asks every caller for a token.');
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp(ID));
});
