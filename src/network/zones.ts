import { Stack } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { isUnknown } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

/** What a server needs of the availability zones it stands in. */
export type ZoneNeed = 'fargate' | 'arm64Fargate' | 't4g' | 'vpcOrigins';

interface Lack {
  /** What the zones do not have, as a warning names it. */
  readonly what: string;
  /** The zones by id: their names differ from account to account. */
  readonly zones: { readonly [region: string]: readonly string[] };
  readonly source: string;
}

/** Zones of commercial regions that lack what a server needs (2026-11-26). AWS may bring it there any day: they are warned of, never refused. */
export const LACKS: Readonly<Record<ZoneNeed, Lack>> = {
  fargate: {
    what: 'AWS Fargate',
    zones: { 'us-west-1': ['usw1-az2'], 'ap-northeast-1': ['apne1-az3'] },
    source: 'Amazon ECS developer guide, Regions of Linux containers on AWS Fargate',
  },
  arm64Fargate: {
    what: 'AWS Fargate on ARM64',
    zones: { 'us-east-1': ['use1-az3'] },
    source: 'reports of users; AWS publishes no list',
  },
  t4g: {
    what: 't4g instances',
    zones: { 'us-east-1': ['use1-az3'] },
    source: 'unverified; `aws ec2 describe-instance-type-offerings --location-type availability-zone-id` tells',
  },
  vpcOrigins: {
    what: 'VPC origins of Amazon CloudFront',
    zones: { 'us-east-1': ['use1-az3'], 'us-west-1': ['usw1-az2'], 'ap-northeast-1': ['apne1-az3'] },
    source: 'unverified; Amazon CloudFront developer guide, Regions of VPC origins, tells',
  },
};

/** The zones of the networks that this library makes, by id; none where AWS picks them. */
const ZONES_OF = new WeakMap<IVpc, readonly string[]>();

/** Remembers a network that this library makes, with the ids of its zones where the user chose them. */
export function rememberZones(vpc: IVpc, zoneIds: readonly string[] = []): void {
  ZONES_OF.set(vpc, zoneIds);
}

/** Warns of a network that has, or may get, a zone without what the server needs. Who brings a VPC chose its zones. */
export function warnOfZones(scope: IConstruct, vpc: IVpc, needs: readonly ZoneNeed[]): void {
  const chosen = ZONES_OF.get(vpc);
  const { region } = Stack.of(vpc);
  if (chosen === undefined || isUnknown(region)) {
    return;
  }
  const lacks = needs.map(need => LACKS[need]).flatMap(({ what, zones }) => {
    const bad = (zones[region] ?? []).filter(zone => chosen.length === 0 || chosen.includes(zone));
    return bad.length > 0 ? [`${bad.join(' and ')} has no ${what}`] : [];
  });
  if (lacks.length > 0) {
    WARNINGS.zones.give(scope, { lacks: lacks.join(', and '), areChosen: chosen.length > 0 });
  }
}

/** The beginning of the ids of the zones of a region: `use1` of us-east-1; undefined for a region of another form. */
export function zonePrefixOf(region: string): string | undefined {
  const parts = /^([a-z]{2})-(gov-)?(north|south|east|west|central|northeast|northwest|southeast|southwest)-(\d)$/.exec(region);
  return parts ? `${parts[1]}${parts[2] ? 'g' : ''}${parts[3].replace(/(north|south|east|west|central)/g, word => word.charAt(0))}${parts[4]}` : undefined;
}
