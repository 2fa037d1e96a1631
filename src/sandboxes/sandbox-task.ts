import { Duration, Size } from 'aws-cdk-lib';
import {
  AwsLogDriverMode, Capability, CfnTaskDefinition, FargateTaskDefinition, LinuxParameters, LogDrivers, OperatingSystemFamily, Protocol,
  type ContainerDefinition, type ContainerImage, type CpuArchitecture,
} from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { SANDBOX_CONTAINER, SANDBOX_PORT } from '../invariants/template/sandboxes';

/** Where a sandbox may write; its root is read-only. Fargate has no tmpfs. */
const WRITABLE = { workspace: '/workspace', tmp: '/tmp' };
const LOG_BUFFER = Size.mebibytes(1);

export interface SandboxTaskProps {
  readonly image: ContainerImage;
  readonly cpuArchitecture: CpuArchitecture;
  readonly cpu: number;
  readonly memoryLimitMiB: number;
  readonly ephemeralStorageGiB?: number;
  readonly environment: { [name: string]: string };
  readonly logGroup: ILogGroup;
}

export interface SandboxTask {
  readonly taskDefinition: FargateTaskDefinition;
  readonly container: ContainerDefinition;
}

/** The task definition of a sandbox: no role, no secret, no capability, no user that owns the root. */
export function buildSandboxTask(scope: Construct, props: SandboxTaskProps): SandboxTask {
  const taskDefinition = new FargateTaskDefinition(scope, 'TaskDefinition', {
    cpu: props.cpu,
    memoryLimitMiB: props.memoryLimitMiB,
    ephemeralStorageGiB: props.ephemeralStorageGiB,
    runtimePlatform: { cpuArchitecture: props.cpuArchitecture, operatingSystemFamily: OperatingSystemFamily.LINUX },
  });
  withoutRole(taskDefinition);
  const linuxParameters = new LinuxParameters(scope, 'LinuxParameters', { initProcessEnabled: true });
  linuxParameters.dropCapabilities(Capability.ALL);
  const container = taskDefinition.addContainer(SANDBOX_CONTAINER, {
    image: props.image,
    environment: props.environment,
    user: '1000:1000',
    readonlyRootFilesystem: true,
    linuxParameters,
    stopTimeout: Duration.seconds(10),
    healthCheck: {
      command: ['CMD', 'node', '-e', `fetch('http://127.0.0.1:${SANDBOX_PORT}/health').then(a=>process.exit(a.ok?0:1),()=>process.exit(1))`],
      interval: Duration.seconds(5),
      timeout: Duration.seconds(5),
      startPeriod: Duration.seconds(60),
      retries: 3,
    },
    logging: LogDrivers.awsLogs({ logGroup: props.logGroup, streamPrefix: 'sandbox', mode: AwsLogDriverMode.NON_BLOCKING, maxBufferSize: LOG_BUFFER }),
    portMappings: [{ name: 'http', containerPort: SANDBOX_PORT, protocol: Protocol.TCP }],
  });
  for (const [volume, containerPath] of Object.entries(WRITABLE)) {
    taskDefinition.addVolume({ name: volume });
    container.addMountPoints({ sourceVolume: volume, containerPath, readOnly: false });
  }
  // whoever knows the definition may start a task, which pulls by the policy of this role
  taskDefinition.node.defaultChild!.node.addDependency(taskDefinition.obtainExecutionRole());
  return { taskDefinition, container };
}

/** The L2 always makes a role for the task. Whoever has none finds no credentials. */
function withoutRole(taskDefinition: FargateTaskDefinition): void {
  taskDefinition.node.tryRemoveChild('TaskRole');
  (taskDefinition.node.defaultChild as CfnTaskDefinition).taskRoleArn = undefined;
}
