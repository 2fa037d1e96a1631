import { AwsLogDriverMode, ContainerDependencyCondition, LogDrivers, type ContainerDefinition, type LinuxParameters, type TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { CA_CERTIFICATES } from './server-environment';

import { schemaScript } from '../database/schema-script';
import type { SchemaBootstrap } from '../database/schema-server';
import type { IFlueImage } from '../image/image';

const SCHEMA_CONTAINER = 'Schema';

export interface SchemaContainerProps {
  readonly schema: SchemaBootstrap;
  readonly image: IFlueImage;
  readonly taskDefinition: TaskDefinition;
  /** The container of the server, which waits. */
  readonly container: ContainerDefinition;
  readonly environment: { readonly [name: string]: string };
  readonly linuxParameters: LinuxParameters;
  readonly logGroup: ILogGroup;
}

/** Makes role and schema in a container that ends before the server starts: no other container sees the administrator's password. */
export function addSchemaContainer({ schema, image, taskDefinition, container, environment, linuxParameters, logGroup }: SchemaContainerProps): void {
  const authorities = environment[CA_CERTIFICATES];
  const maker = taskDefinition.addContainer(SCHEMA_CONTAINER, {
    image: image.containerImage,
    essential: false,
    entryPoint: ['node', '--input-type=module', '-e'],
    command: [schemaScript(schema.rotates)],
    environment: { ...authorities === undefined ? {} : { [CA_CERTIFICATES]: authorities }, ...schema.environment },
    secrets: schema.secrets,
    readonlyRootFilesystem: true,
    linuxParameters,
    logging: LogDrivers.awsLogs({ logGroup, streamPrefix: 'schema', mode: AwsLogDriverMode.NON_BLOCKING }),
  });
  container.addContainerDependencies({ container: maker, condition: ContainerDependencyCondition.SUCCESS });
}
