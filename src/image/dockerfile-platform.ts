/** The architecture that a word of a platform or of an image's name stands for; one that no task runs on by its own name. */
export function architectureOf(word: string): string | undefined {
  return /^(arm64|arm64v8|aarch64)$/.test(word) ? 'ARM64' : /^(amd64|x86_64|x86-64|x64)$/.test(word) ? 'X86_64'
    : /^(arm|arm32v[567]|armv7|armhf|386|i386|ppc64le|s390x|riscv64|mips64le)$/.test(word) ? word : undefined;
}

/** Whether tasks run on it. */
export function isTaskArchitecture(architecture: string): boolean {
  return ['ARM64', 'X86_64'].includes(architecture);
}

/** The architecture that stands in the name of an image: `arm64v8/node:22`, or `nodejs:latest-amd64`. */
export function architectureOfImage(image: string): string | undefined {
  const [, repository, tag = ''] = /^(.*?)(?::([^:/@]+))?(?:@.*)?$/.exec(image)!;
  const owners = repository.split('/').slice(0, -1);
  return [...owners.filter((owner) => /^(arm64v8|arm32v[567]|amd64|i386|ppc64le|s390x|riscv64|mips64le)$/.test(owner)), ...tag.split(/[-.]/)]
    .map(architectureOf).find((found) => found !== undefined);
}
