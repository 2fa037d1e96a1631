import { App, Duration, Lazy, Stack, type Environment } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { FlueDatabase, FlueImage, type FlueExistingImageOptions, type IFlueDatabase, type IFlueImage } from '../../src';
import { HEALTH_CHECK, TimerChain, type PlatformTimers, type StatedTimers } from '../../src/timers/timer-chain';

export const FARGATE: PlatformTimers = { healthCheck: HEALTH_CHECK, onFargate: true };
export const EXPRESS: PlatformTimers = { ...FARGATE, gracePeriod: Duration.seconds(300) };

export function newStack(env?: Environment): Stack {
  return new Stack(new App(), 'Agents', { env });
}

/** A duration known only at deployment. */
export function deployTimeDuration(): Duration {
  return Duration.seconds(Lazy.number({ produce: () => 77 }));
}

export function secretOf(scope: Construct, id: string): Secret {
  return Secret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(scope, id, { parameterName: `/flue/${id}` }));
}

export function imageOf(scope: Construct, props?: FlueExistingImageOptions): IFlueImage {
  return FlueImage.fromRegistry(scope, 'Image', 'ghcr.io/owner/agents:1.2.3', props);
}

export function databaseOf(scope: Construct): IFlueDatabase {
  return FlueDatabase.fromUrlSecret(scope, 'Database', { url: secretOf(scope, 'Url') });
}

export function timersOf(scope: Construct, stated: StatedTimers = {}): TimerChain {
  return new TimerChain(scope, stated, FARGATE);
}

/** The message that `act` throws; empty when it throws nothing. */
export function refusalOf(act: () => unknown): string {
  try {
    act();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
