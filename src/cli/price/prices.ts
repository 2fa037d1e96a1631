/** Unit prices in USD: us-east-1, on demand, without free tiers. The one place to change them. */
export const PRICES = {
  region: 'us-east-1',
  date: '2026-09-26',
  source: 'RDS and EC2: AWS Price List API; the others: published price tables, named in docs/cost.md',
  hoursPerMonth: 730,
  fargateVcpuHour: { X86_64: 0.04048, ARM64: 0.03238 },
  fargateGbHour: { X86_64: 0.004445, ARM64: 0.00356 },
  loadBalancerHour: 0.0225,
  publicIpv4Hour: 0.005,
  instanceHour: { 't4g.micro': 0.0084, 't4g.small': 0.0168, 't3.small': 0.0208 } as Record<string, number>,
  diskGbMonth: 0.08,
  natGatewayHour: 0.045,
  interfaceEndpointZoneHour: 0.01,
  interfaceEndpointGb: 0.01,
  databaseInstanceHour: { 'db.t4g.micro': 0.016 } as Record<string, number>,
  databaseStorageGbMonth: 0.115,
  auroraCapacityUnitHour: 0.12,
  secretMonth: 0.4,
  keyMonth: 1,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  containerInsightsServiceMonth: { 'at least': 5, 'at most': 8 } as Record<string, number>,
  snapshotGbMonth: { 'volume, EBS': 0.05, 'database, RDS': 0.095, 'database, Aurora': 0.021 } as Record<string, number>,
  creditVcpuHour: { t4g: 0.04, t3: 0.05 } as Record<string, number>,
  codeInterpreterVcpuHour: 0.0895,
  codeInterpreterGbHour: 0.00945,
} as const;

/** Where a price is from, and when it was published or looked up there. */
export interface PriceSource {
  readonly what: string;
  readonly unit: string;
  readonly source: string;
  readonly date: string;
  /** Kinds whose price is from elsewhere. */
  readonly except?: { readonly [kind: string]: Pick<PriceSource, 'source' | 'date'> };
}

const PRICE_LIST = { source: 'AWS Price List API', date: '2026-09-26' };
const FARGATE = { source: 'vantage.sh, factualminds.com', date: '2026-06' };
const CODE_INTERPRETER = { source: 'rywalker.com, elliot-digital.co.uk', date: '2026-05' };
/** AWS's own price was not seen; many public programs have this number in them. */
const UNVERIFIED = { source: 'unverified: public repositories agree on it', date: '2026-11-21' };

type PriceName = Exclude<keyof typeof PRICES, 'region' | 'date' | 'source' | 'hoursPerMonth'>;

export const SOURCES: Readonly<Record<PriceName, PriceSource>> = {
  fargateVcpuHour: { what: 'Fargate, vCPU', unit: 'hour', ...FARGATE },
  fargateGbHour: { what: 'Fargate, GB of memory', unit: 'hour', ...FARGATE },
  loadBalancerHour: { what: 'Application Load Balancer', unit: 'hour', source: 'awsnegotiations.com', date: '2026-05' },
  publicIpv4Hour: { what: 'public IPv4 address', unit: 'hour', source: 'cloudburn.io', date: '2026-02' },
  instanceHour: { what: 'EC2 instance', unit: 'hour', ...PRICE_LIST, except: { 't3.small': UNVERIFIED } },
  diskGbMonth: { what: 'EBS gp3, GB', unit: 'month', ...PRICE_LIST },
  natGatewayHour: { what: 'NAT gateway', unit: 'hour', source: 'cloudburn.io, zacfukuda.com', date: '2026-06' },
  interfaceEndpointZoneHour: { what: 'interface endpoint, in one zone', unit: 'hour', source: 'zacfukuda.com, factualminds.com', date: '2026-06' },
  interfaceEndpointGb: { what: 'data through an interface endpoint', unit: 'GB', source: 'awsnegotiations.com', date: '2026-05' },
  databaseInstanceHour: { what: 'RDS for PostgreSQL, one zone', unit: 'hour', ...PRICE_LIST },
  databaseStorageGbMonth: { what: 'RDS gp3, GB, one zone', unit: 'month', ...PRICE_LIST },
  auroraCapacityUnitHour: { what: 'Aurora capacity unit', unit: 'hour', source: 'c3x.dev', date: '2026-11' },
  secretMonth: { what: 'secret of Secrets Manager', unit: 'month', ...UNVERIFIED },
  keyMonth: { what: 'key of KMS', unit: 'month', ...UNVERIFIED },
  alarmMonth: { what: 'CloudWatch alarm on one metric', unit: 'month', source: 'c3x.dev', date: '2026-11' },
  dashboardMonth: { what: 'CloudWatch dashboard, beyond three free ones of at most 50 metrics', unit: 'month', source: 'factualminds.com', date: '2026-06' },
  containerInsightsServiceMonth: { what: 'Container Insights of one service with one task', unit: 'month', source: 'unverified: an estimate from its metrics and logs', date: '2026-11-26' },
  snapshotGbMonth: { what: 'snapshot in a vault of AWS Backup, GB', unit: 'month', ...UNVERIFIED },
  codeInterpreterVcpuHour: { what: 'session of a code interpreter, vCPU that works', unit: 'hour', ...CODE_INTERPRETER },
  codeInterpreterGbHour: { what: 'session of a code interpreter, GB of memory', unit: 'hour', ...CODE_INTERPRETER },
  creditVcpuHour: { what: 'surplus CPU credits, vCPU', unit: 'hour', ...UNVERIFIED },
};

/** What a sandbox on Fargate costs a minute. */
export function sandboxMinute(size: { readonly vcpu: number; readonly gb: number }): number {
  return (size.vcpu * PRICES.fargateVcpuHour.X86_64 + size.gb * PRICES.fargateGbHour.X86_64) / 60;
}
