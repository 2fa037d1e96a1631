import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { IConstruct } from 'constructs';
import { refuse } from '../invariants/invariant';
import { requireWritten } from '../invariants/limits/guard';
import { IMAGE_LIMITS } from '../invariants/limits/image';
import { isPending, isUnknown } from '../invariants/unknown';

const ARCHITECTURES = [CpuArchitecture.X86_64, CpuArchitecture.ARM64];

/** The CPU architecture; refuses one that Fargate does not have. */
export function requireCpuArchitecture(scope: IConstruct, given: CpuArchitecture = CpuArchitecture.X86_64): CpuArchitecture {
  // by value: two copies of aws-cdk-lib have two classes
  const known = ARCHITECTURES.find((architecture) => architecture._cpuArchitecture === given._cpuArchitecture);
  return known ?? refuse(scope, `\`cpuArchitecture\` must be X86_64 or ARM64, got: ${given._cpuArchitecture}`,
    'Pass `CpuArchitecture.X86_64` or `CpuArchitecture.ARM64`');
}

type Texts = string | { readonly [name: string]: string };

/** Refuses texts that only the deployment knows: the image is built, and published under its name, before that. */
export function requireKnownTexts(scope: IConstruct, props: { readonly [prop: string]: Texts | undefined }): void {
  for (const [prop, given] of Object.entries(props)) {
    const texts = typeof given === 'string' ? [given] : Object.entries(given ?? {}).flat();
    if (texts.some(text => isUnknown(text) && !isPending(text))) {
      refuse(scope, `\`${prop}\` must be known at synthesis, got: a token`, 'The image build needs it: pass a plain text');
    }
  }
}

/** The path of a CA bundle inside the image, after the refusal of one that depends on where the server starts. */
export function requireCaBundlePath(scope: IConstruct, given: string | undefined): string | undefined {
  requireWritten(scope, given, IMAGE_LIMITS.caBundlePath);
  return given;
}

/** Refuses a build secret that is the secret itself, or a file that the build context would hold. */
export function requireBuildSecrets(scope: IConstruct, buildSecrets: { readonly [id: string]: string }): void {
  for (const [id, value] of Object.entries(buildSecrets)) {
    const fields = value.split(',').map((field) => field.split('='));
    const source = fields.find(([key, text]) => ['env', 'src', 'source'].includes(key) && text);
    const way = `Write \`${id}: 'env=NAME'\` for a variable of the machine that builds, or \`${id}: 'src=/absolute/path'\` for a file on it`;
    if (!source || fields.some(([key]) => !['type', 'env', 'src', 'source'].includes(key))) {
      // the value stays out of the message: it may be the secret
      refuse(scope, `\`buildSecrets\` must name where each secret comes from, got: another form for ${id}`, way);
    }
    if (source[0] !== 'env' && !source[1].startsWith('/') && !/^[A-Za-z]:[\\/]/.test(source[1])) {
      refuse(scope, `\`buildSecrets\` must name files by an absolute path, got: ${source[1]} for ${id}`, way);
    }
  }
}

/** Refuses names that are no shell variables, because a shell in the provided Dockerfile sets them. */
export function requireVariableNames(scope: IConstruct, prop: string, names: readonly string[]): void {
  const bad = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (bad !== undefined) {
    refuse(scope, `\`${prop}\` must have names of letters, digits and underscores with the provided Dockerfile, got: ${bad}`,
      'Rename it, or give the directory a Dockerfile of its own');
  }
}
