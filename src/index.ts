export type { IFlueImage, FlueExistingImageProps, FlueEcrImageProps, FlueRegistryImageProps } from './image/image';
export type { IFlueDatabase } from './database/database';
export { FlueImage } from './image/flue-image';
export type { FlueImageProps } from './image/flue-image-props';
export { FlueDatabase } from './database/flue-database';
export type { FlueDatabaseProps, FlueDatabaseFromUrlSecretProps } from './database/flue-database-props';
export { FlueDatabaseEngine, type FluePostgresProps, type FlueAuroraServerlessProps } from './database/flue-database-engine';
export { FlueChecks, type FlueChecksProps } from './checks/flue-checks';
