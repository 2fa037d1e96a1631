import { Duration, Stack, type Size } from 'aws-cdk-lib';
import { InstanceArchitecture, InstanceType, OperatingSystemType, SubnetType, type IMachineImage, type ISubnet, type IVolume, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { holderOf } from './box-volume';
import type { FlueEc2ServiceProps } from './flue-ec2-service-props';
import { rotatedSecret } from '../../database/rotation';
import type { DirectClients } from '../../edge/exposure-strategy';
import { FlueExposure } from '../../edge/flue-exposure';
import { isKnownPrivate, requireZoneOfDomain } from '../../edge/https';
import { asBuild, type FlueBuild } from '../../image/flue-build';
import { isContainerImage, type IFlueApp, type IFlueImage } from '../../image/image';
import { followImage } from '../../image/image-stack';
import { secondsOf } from '../../invariants/durations';
import { ENCRYPTED_TRANSPORT } from '../../invariants/encrypted-transport';
import { refuse } from '../../invariants/invariant';
import { BACKUP_LIMITS } from '../../invariants/limits/backups';
import { BOX_LIMITS, DEFAULT_ROOT_SIZE, INSTALL_TIME, MAX_STOP_AND_START } from '../../invariants/limits/box';
import { requireWithin, requireWritten } from '../../invariants/limits/guard';
import { SHUTDOWN_TIME } from '../../invariants/shutdown-time';
import { hasNoZone, selectedIn } from '../../invariants/subnets';
import { isUnknown } from '../../invariants/unknown';
import { requireOneLogGroup } from '../../logs/server-logs';
import { givenVpc } from '../../network/network';
import type { TimerChain } from '../../timers/timer-chain';
import { renderServerEnvironment, type ServerEnvironment } from '../server-environment';


/** What a box will be, checked in full before the first resource exists. */
export interface BoxPlan {
  readonly app: IFlueImage | FlueBuild;
  readonly server: ServerEnvironment;
  readonly instanceType: InstanceType;
  /** The peers that may connect; undefined if the user gave none. */
  readonly clients?: DirectClients;
  readonly rootVolumeSize: Size;
  /** Time from the launch of a box to its signal, at most. */
  readonly bootTime: Duration;
  readonly vpc?: IVpc;
}

export function planBox(scope: Construct, props: FlueEc2ServiceProps, timers: TimerChain): BoxPlan {
  const app = requireRunnable(scope, props.image);
  followImage(scope, props.image);
  requireOneLogGroup(scope, props);
  const server = renderServerEnvironment(scope, { ...props, timers });
  if (rotatedSecret(props.database?.url)) {
    refuse(scope, '`database` must keep its passwords on EC2, got: one with `rotation`',
      'Nothing starts the server of a box anew when its turn comes. Use FlueFargateService, or a database without `rotation`');
  }
  requireRoleAccess(scope, props, server);
  const instanceType = requireInstanceType(scope, props);
  const rootVolumeSize = props.rootVolumeSize ?? DEFAULT_ROOT_SIZE;
  requireWithin(scope, rootVolumeSize, BOX_LIMITS.rootVolumeSize);
  requireDataVolume(scope, props);
  requireMachineImage(scope, props.machineImage);
  requireBoxDomain(scope, props);
  const vpc = givenVpc(scope, props);
  if (vpc) {
    boxSubnet(scope, vpc, props);
  }
  return { app, server, instanceType, clients: boxClients(scope, props), rootVolumeSize, bootTime: requireBootTime(scope, timers), vpc };
}

/** A box runs containers and builds, and nothing else that calls itself an app. */
function requireRunnable(scope: Construct, app: IFlueApp): IFlueImage | FlueBuild {
  return isContainerImage(app) ? app : asBuild(app)
    ?? refuse(scope, `\`image\` must be a container image or a FlueBuild, got: ${app.constructor.name}`, 'Use FlueImage, FlueBuild, or an IFlueImage of your own');
}

/** The one subnet that the box is launched in; its data volume is in the same availability zone. */
export function boxSubnet(scope: Construct, vpc: IVpc, { vpcSubnets, dataVolume, dataVolumeSize }: FlueEc2ServiceProps): ISubnet {
  const way = 'The box has a public address: add public subnets to the VPC, or select one in `vpcSubnets`';
  if (vpc.publicSubnets.length === 0) {
    refuse(scope, `\`vpc\` must have public subnets for a box, got: ${vpc.node.path} without any`, way);
  }
  const selected = selectedIn(scope, vpc, vpcSubnets ?? { subnetType: SubnetType.PUBLIC });
  if (selected.isPendingLookup) {
    // what the lookup finds is judged once it is known
    return selected.subnets[0] ?? vpc.publicSubnets[0];
  }
  const [subnet] = dataVolume ? inZoneOf(scope, dataVolume, selected.subnets) : selected.subnets;
  const isPrivate = [...vpc.privateSubnets, ...vpc.isolatedSubnets].some(candidate => candidate.subnetId === subnet?.subnetId);
  if (!subnet || isPrivate) {
    refuse(scope, `\`vpcSubnets\` must select a public subnet, got: ${subnet ? subnet.node.path : 'none'}`, way);
  }
  if (dataVolumeSize && hasNoZone(subnet)) {
    refuse(scope, `\`vpcSubnets\` must select a subnet whose availability zone is known with \`dataVolumeSize\`, got: ${subnet.node.path}`,
      'The volume is in the zone of the box: import the subnet with `ec2.Subnet.fromSubnetAttributes(…)` and its zone');
  }
  return subnet;
}

/** The one place where a volume that exists can be attached; refuses subnets of which none is known to be there. */
function inZoneOf(scope: Construct, { availabilityZone: zone }: IVolume, subnets: ISubnet[]): ISubnet[] {
  const zones = subnets.map(subnet => hasNoZone(subnet) ? undefined : subnet.availabilityZone);
  const there = subnets.filter((_, index) => zones[index] === zone);
  // of one subnet alone, the user may know what the app does not
  const isOpen = subnets.length === 1 && (zones[0] === undefined || isUnknown(zones[0]) || isUnknown(zone));
  if (subnets.length === 0 || there.length > 0 || isOpen) {
    return there.length > 0 ? there : subnets;
  }
  const [wanted, ...got] = [zone, ...zones].map(name => name === undefined || isUnknown(name) ? 'one known only at deployment' : name);
  return refuse(scope, `\`vpcSubnets\` must select a public subnet in the zone of \`dataVolume\` (${wanted}), got: ${[...new Set(got)].join(', ')}`,
    'Select the one subnet of that zone in `vpcSubnets`, or give the stack an `env`, with which zones have names');
}

/** Refuses a data volume that is both new and there, and what makes no sense without one. */
function requireDataVolume(scope: Construct, props: FlueEc2ServiceProps): void {
  const { dataVolume, dataVolumeBackups, dataVolumeEncryptionKey, dataVolumeSize, dataVolumeSnapshot } = props;
  requireWithin(scope, dataVolumeSize, BOX_LIMITS.dataVolumeSize);
  requireWritten(scope, dataVolumeSnapshot, BOX_LIMITS.dataVolumeSnapshot);
  requireWithin(scope, dataVolumeBackups, BACKUP_LIMITS.dataVolumeBackups);
  const holder = dataVolume && holderOf(scope, dataVolume);
  if (holder !== undefined) {
    refuse(scope, `\`dataVolume\` must be of one box, got: that of ${holder}`, 'A volume attaches to one instance at a time. Give each box its own, such as one from a snapshot (`dataVolumeSnapshot`)');
  }
  if (dataVolume && dataVolumeSize) {
    refuse(scope, '`dataVolumeSize` must not be given with `dataVolume`, got: both', 'A volume that exists has its size: leave one of them out');
  }
  const ofNew = Object.entries({ dataVolumeEncryptionKey, dataVolumeSnapshot }).find(([, given]) => given !== undefined);
  if (ofNew && !dataVolumeSize) {
    refuse(scope, `\`dataVolumeSize\` must be given with \`${ofNew[0]}\`, got: none`, 'Pass a size to have a data volume');
  }
  if (dataVolumeBackups && !dataVolumeSize && !dataVolume) {
    refuse(scope, '`dataVolumeBackups` must be given with a data volume, got: none', 'Pass `dataVolumeSize` or `dataVolume`, or leave it out');
  }
}

function requireMachineImage(scope: Construct, machineImage: IMachineImage | undefined): void {
  if (machineImage && systemOf(scope, machineImage) === OperatingSystemType.WINDOWS) {
    refuse(scope, '`machineImage` must be an Amazon Linux 2023, got: Windows', 'Leave it out for the newest one');
  }
}

/** A list of images may lack the region of the stack. */
function systemOf(scope: Construct, machineImage: IMachineImage): OperatingSystemType {
  try {
    return machineImage.getImage(scope).osType;
  } catch {
    const { region } = Stack.of(scope);
    return refuse(scope, `\`machineImage\` must have an image in the region of the stack, got: none for ${isUnknown(region) ? 'any region' : region}`,
      'Add the image of that region, or leave it out for the newest Amazon Linux 2023');
  }
}

function requireInstanceType(scope: Construct, props: FlueEc2ServiceProps): InstanceType {
  const isArm = props.image.cpuArchitecture._cpuArchitecture === CpuArchitecture.ARM64._cpuArchitecture;
  const fitting = isArm ? 't4g.small' : 't3.small';
  const given = props.instanceType;
  if (!given) {
    return new InstanceType(fitting);
  }
  const name = given.toString();
  requireWritten(scope, name, BOX_LIMITS.instanceType);
  if (!isUnknown(name) && (given.architecture === InstanceArchitecture.ARM_64) !== isArm) {
    refuse(scope, `\`instanceType\` must be of the image's architecture (${isArm ? 'ARM64' : 'X86_64'}), got: ${name}`,
      `Use ${fitting}, or pass another \`cpuArchitecture\` to the image`);
  }
  if (/\.nano$/.test(name)) {
    refuse(scope, `\`instanceType\` must have at least 1 GiB of memory, got: ${name}`, `Use ${isArm ? 't4g' : 't3'}.micro or a larger one: the system alone needs 400 MiB`);
  }
  return given;
}

/** Only the bridge of a container can stand between a server and the role. */
function requireRoleAccess(scope: Construct, { instanceRoleAccess, image }: FlueEc2ServiceProps, { environment }: ServerEnvironment): void {
  if (instanceRoleAccess !== false) {
    return;
  }
  if (!isContainerImage(image)) {
    refuse(scope, '`instanceRoleAccess` must not be false with FlueBuild, got: false', 'A server without a container always reaches the role: use FlueImage, or leave it out');
  }
  if (environment.MODEL_SPECIFIER?.startsWith('amazon-bedrock/')) {
    refuse(scope, '`instanceRoleAccess` must not be false with a model on Amazon Bedrock, got: false', 'The server signs its requests with the role: leave it out');
  }
}

function requireBoxDomain(scope: Construct, { domainName, hostedZone }: FlueEc2ServiceProps): void {
  requireZoneOfDomain(scope, { domainName, hostedZone });
  if (hostedZone && isKnownPrivate(hostedZone)) {
    refuse(scope, '`hostedZone` must be public on a box, got: a private one',
      'A certificate authority on the internet must find the domain. Use FlueFargateService with a certificate and FlueExposure.internal(…)');
  }
}

function boxClients(scope: Construct, { exposure, domainName }: FlueEc2ServiceProps): DirectClients | undefined {
  const given = exposure ?? (domainName === undefined ? undefined : FlueExposure.open());
  const clients = given?._strategy.directClients(scope);
  if (clients?.everyone && domainName === undefined) {
    refuse(scope, '`exposure` must name peers without `domainName`, got: everyone',
      'Prompts and tokens would cross the internet unencrypted: pass `domainName` for TLS, or `FlueExposure.toPeers(…)`', ENCRYPTED_TRANSPORT);
  }
  return clients;
}

/** The box gives any stop timeout; only the deployment that replaces it has an end. */
function requireBootTime(scope: Construct, timers: TimerChain): Duration {
  const [stop, startup, grace] = [timers.stopTimeout, timers.startupBudget, timers.gracePeriod].map(secondsOf);
  if (stop === undefined || startup === undefined || grace === undefined) {
    refuse(scope, '`stopTimeout`, `startupBudget` and `healthCheckGracePeriod` must be known at synthesis on a box, got: a token',
      'The construct writes them into systemd units: pass plain durations');
  }
  const stated = stop + Math.ceil(startup);
  if (stated > MAX_STOP_AND_START.toSeconds()) {
    refuse(scope, `\`stopTimeout\` and \`startupBudget\` must be at most ${MAX_STOP_AND_START.toSeconds()} s together on a box, got: ${stop} s and ${startup} s`,
      'Shorten one of them. CloudFormation waits an hour for a new box, and the installation needs a quarter of that', SHUTDOWN_TIME);
  }
  return Duration.seconds(INSTALL_TIME.toSeconds() + stated);
}
