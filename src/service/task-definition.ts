import { Size, type Duration } from 'aws-cdk-lib';
import {
  AwsLogDriverMode, Capability, FargateTaskDefinition, LinuxParameters, LogDrivers, OperatingSystemFamily, Protocol,
  type ContainerDefinition, type HealthCheck,
} from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { addSchemaContainer } from './schema-container';
import type { ServerEnvironment } from './server-environment';
import type { SchemaBootstrap } from '../database/schema-server';
import type { IFlueImage } from '../image/image';
import { serverLogGroup, type ServerLogsProps } from '../logs/server-logs';

/** ECS Express Mode takes a task definition only with a container of this name. */
export const CONTAINER_NAME = 'Main';
/** ECS Express Mode takes a port only with a name. */
export const PORT_NAME = 'http';
/** Where a server may write when its root is read-only. */
const WRITABLE = { volume: 'tmp', path: '/tmp' };
/** What a log line may wait in when CloudWatch is slow; beyond it lines are dropped and the agent goes on. */
const LOG_BUFFER = Size.mebibytes(25);

export interface ServerTaskProps extends ServerLogsProps {
  readonly image: IFlueImage;
  readonly cpu: number;
  readonly memoryLimitMiB: number;
  readonly ephemeralStorageGiB?: number;
  readonly stopTimeout: Duration;
  readonly server: ServerEnvironment;
  /** The schema to make before the server starts. */
  readonly schema?: SchemaBootstrap;
  readonly readonlyRootFilesystem?: boolean;
  readonly dropAllCapabilities?: boolean;
  readonly healthCheck?: HealthCheck;
  readonly taskRole?: IRole;
  readonly executionRole?: IRole;
}

export interface ServerTask {
  readonly taskDefinition: FargateTaskDefinition;
  readonly container: ContainerDefinition;
  readonly logGroup: ILogGroup;
}

/** The one task definition that Fargate and ECS Express Mode run. */
export function buildServerTask(scope: Construct, props: ServerTaskProps): ServerTask {
  const logGroup = serverLogGroup(scope, props);
  const taskDefinition = new FargateTaskDefinition(scope, 'TaskDefinition', {
    cpu: props.cpu,
    memoryLimitMiB: props.memoryLimitMiB,
    ephemeralStorageGiB: props.ephemeralStorageGiB,
    taskRole: props.taskRole,
    executionRole: props.executionRole,
    runtimePlatform: { cpuArchitecture: props.image.cpuArchitecture, operatingSystemFamily: OperatingSystemFamily.LINUX },
  });
  const linuxParameters = new LinuxParameters(scope, 'LinuxParameters', { initProcessEnabled: true });
  if (props.dropAllCapabilities) {
    linuxParameters.dropCapabilities(Capability.ALL);
  }
  const container = taskDefinition.addContainer(CONTAINER_NAME, {
    image: props.image.containerImage,
    environment: props.server.environment,
    secrets: props.server.secrets,
    stopTimeout: props.stopTimeout,
    linuxParameters,
    readonlyRootFilesystem: props.readonlyRootFilesystem,
    healthCheck: props.healthCheck,
    logging: LogDrivers.awsLogs({ logGroup, streamPrefix: 'flue', mode: AwsLogDriverMode.NON_BLOCKING, maxBufferSize: LOG_BUFFER }),
    portMappings: [{ name: PORT_NAME, containerPort: props.image.port, protocol: Protocol.TCP }],
  });
  if (props.readonlyRootFilesystem) {
    // Fargate has no tmpfs
    taskDefinition.addVolume({ name: WRITABLE.volume });
    container.addMountPoints({ sourceVolume: WRITABLE.volume, containerPath: WRITABLE.path, readOnly: false });
  }
  if (props.schema) {
    const { schema, image, server: { environment } } = props;
    addSchemaContainer({ schema, image, taskDefinition, container, environment, linuxParameters, logGroup });
  }
  return { taskDefinition, container, logGroup };
}
