export type { IFlueImage, FlueExistingImageProps, FlueEcrImageProps, FlueRegistryImageProps } from './image/image';
export type { IFlueDatabase } from './database/database';
export { FlueImage } from './image/flue-image';
export type { FlueImageProps } from './image/flue-image-props';
