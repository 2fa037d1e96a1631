import * as path from 'node:path';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';

const DIRECTORY = path.join(__dirname, '..', '..', 'assets', 'sandbox');

/** The image of a sandbox without further packages, which the CDK CLI builds and publishes. */
export function providedImage(cpuArchitecture: CpuArchitecture): ContainerImage {
  const isArm = cpuArchitecture._cpuArchitecture === CpuArchitecture.ARM64._cpuArchitecture;
  return ContainerImage.fromAsset(DIRECTORY, { platform: isArm ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64 });
}
