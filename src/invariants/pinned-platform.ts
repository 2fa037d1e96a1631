import type { Finding, Invariant } from './invariant';
import { runsOnFargate } from './shutdown-time';
import type { ImageBuild } from './template/app-resources';
import { EXPRESS_SERVICE, TASK_DEFINITION } from './template/containers';
import { UNKNOWN } from './template/value';

/** The only one that CloudFormation can ask Express Mode for. */
const EXPRESS_ARCHITECTURE = 'X86_64';
const PLATFORMS: Readonly<Record<string, RegExp>> = { X86_64: /^linux\/(amd64|x86_64)/, ARM64: /^linux\/(arm64|aarch64)/ };

export const PINNED_PLATFORM: Invariant = {
  id: 'PinnedPlatform',
  level: 'error',
  statement: 'The image and the task state the same CPU architecture.',
  why: 'A task with an image for another CPU stops with `exec format error`, after ten minutes of deployment.',
  limit: 'image platform = `RuntimePlatform.CpuArchitecture`, both explicit',
  source: 'Amazon ECS developer guide, task definition parameters; AWS CDK issues 12472, 17834 and 25362',
  fix: 'State `cpuArchitecture` once, on the image; in a template, RuntimePlatform.CpuArchitecture and the platform of the image build.',
  rule: {
    resourceTypes: [TASK_DEFINITION, EXPRESS_SERVICE],
    check: (owner, servers) => {
      const images = servers.serverContainers(owner).map(container => servers.app.imageBuildOf(container.definition.at('Image').text()));
      if (owner.type === EXPRESS_SERVICE) {
        return images.length === 0 ? undefined : judgePlatform(images, EXPRESS_ARCHITECTURE, 'Properties/PrimaryContainer/Image');
      }
      const architecture = owner.at('RuntimePlatform', 'CpuArchitecture').string();
      if (architecture === UNKNOWN || !runsOnFargate(owner)) {
        return undefined;
      }
      return architecture === undefined
        ? [{ found: 'RuntimePlatform names no CpuArchitecture', location: 'Properties/RuntimePlatform' }]
        : judgePlatform(images, architecture, 'Properties/RuntimePlatform/CpuArchitecture');
    },
  },
};

/** What an image that the app builds says of its platform, against the architecture of the task. */
function judgePlatform(images: Array<ImageBuild | undefined>, architecture: string, location: string): Finding[] {
  return images.flatMap(image => {
    if (!image || image.platform === UNKNOWN || PLATFORMS[architecture]?.test(image.platform ?? '')) {
      return [];
    }
    return [{ found: `the image is built for ${image.platform ?? 'whichever machine builds it'}, the task runs on ${architecture}`, location }];
  }).slice(0, 1);
}
