export type { IFlueImage, FlueExistingImageProps, FlueEcrImageProps, FlueRegistryImageProps } from './image/image';
export type { IFlueDatabase } from './database/database';
