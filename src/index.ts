export type { IFlueImage, FlueExistingImageProps, FlueEcrImageProps, FlueRegistryImageProps } from './image/image';
export type { IFlueDatabase } from './database/database';
export { FlueImage } from './image/flue-image';
export type { FlueImageProps } from './image/flue-image-props';
export { FlueBuild, type FlueBuildProps } from './image/flue-build';
export { FlueDatabase } from './database/flue-database';
export type { FlueDatabaseProps, FlueDatabaseFromUrlSecretProps } from './database/flue-database-props';
export { FlueDatabaseEngine, type FluePostgresProps, type FlueAuroraServerlessProps } from './database/flue-database-engine';
export { FlueChecks, type FlueChecksProps } from './checks/flue-checks';
export { FlueService, type IFlueService, type FlueServiceProps } from './service/flue-service';
export type { FlueAlarmsProps } from './operations/alarms';
export { FlueDashboard, type FlueDashboardProps } from './operations/flue-dashboard';
export type { FlueOperatorCommands } from './operations/operator-commands';
export { FlueTelemetry, type FlueAdotProps, type FlueOtlpProps } from './operations/flue-telemetry';
export type { FlueTaskProps } from './service/task-props';
export { FlueFargateService } from './service/flue-fargate-service';
export type { FlueFargateServiceProps } from './service/flue-fargate-service-props';
export { FlueExpressService, type FlueExpressServiceProps } from './service/flue-express-service';
export { FlueEc2Service } from './service/flue-ec2-service';
export type { FlueEc2ServiceProps } from './service/flue-ec2-service-props';
export {
  FlueDeployment, type FlueBlueGreenDeploymentOptions, type FlueDeploymentOptions, type FlueRollingDeploymentOptions,
} from './service/flue-deployment';
export { FlueNetwork, type FlueNetworkProps } from './network/flue-network';
export { FlueEgress, type FlueEndpointEgressProps, type FlueNatEgressProps } from './network/flue-egress';
export { FlueExposure } from './edge/flue-exposure';
export { FlueModel, type FlueModelProviderProps } from './service/flue-model';
