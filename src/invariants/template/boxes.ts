import type { TemplateResource, TemplateValue } from './value';

export const INSTANCE = 'AWS::EC2::Instance';
export const LAUNCH_TEMPLATE = 'AWS::EC2::LaunchTemplate';
export const LAUNCH_CONFIGURATION = 'AWS::AutoScaling::LaunchConfiguration';
export const AUTO_SCALING_GROUP = 'AWS::AutoScaling::AutoScalingGroup';

/** The resources that say how a box starts. */
export const BOX_TYPES = [INSTANCE, LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION];

/** A property of a box, wherever its type keeps it. */
export function boxProperty(box: TemplateResource, ...keys: string[]): TemplateValue {
  return box.type === LAUNCH_TEMPLATE ? box.at('LaunchTemplateData', ...keys) : box.at(...keys);
}

/** Where a box's properties begin. */
export function boxLocation(box: TemplateResource): string {
  return box.type === LAUNCH_TEMPLATE ? 'Properties/LaunchTemplateData' : 'Properties';
}

const BASE64 = /^[A-Za-z0-9+/\s]{16,}={0,2}$/;

/** The boot script of a box as the box reads it. */
export function userDataOf(box: TemplateResource): string {
  const text = boxProperty(box, 'UserData').text();
  if (!BASE64.test(text.trim())) {
    return text;
  }
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  return /^(#|Content-Type|MIME-Version|[\x09\x0a\x0d\x20-\x7e]+$)/.test(decoded) ? decoded : text;
}

/** What a box is told at boot: its user data and the files that `cfn-init` writes. */
export function bootText(box: TemplateResource): string {
  return [userDataOf(box), box.section('Metadata').at('AWS::CloudFormation::Init').text()].filter(Boolean).join('\n');
}

/** The `docker run` commands of a boot script, each on one line. */
export function dockerRuns(script: string): string[] {
  return script
    .replace(/\\\r?\n/g, ' ')
    .split('\n')
    .filter(line => !/^\s*#(?!!)/.test(line) && /\bdocker\s+(container\s+)?(run|create)\b/.test(line));
}
