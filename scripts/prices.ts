/** Unit prices in USD: us-east-1, on demand, without free tiers. The one place to change them. */
export const PRICES = {
  region: 'us-east-1',
  date: '2026-09-26',
  source: 'RDS and EC2: AWS Price List API; Fargate and load balancer: published price tables of 2026-05 and 2026-06',
  hoursPerMonth: 730,
  fargateVcpuHour: { X86_64: 0.04048, ARM64: 0.03238 },
  fargateGbHour: { X86_64: 0.004445, ARM64: 0.00356 },
  loadBalancerHour: 0.0225,
  publicIpv4Hour: 0.005,
  instanceHour: { 't4g.micro': 0.0084, 't4g.small': 0.0168 } as Record<string, number | undefined>,
  diskGbMonth: 0.08,
  natGatewayHour: 0.045,
  interfaceEndpointZoneHour: 0.01,
  databaseInstanceHour: { 'db.t4g.micro': 0.016 } as Record<string, number | undefined>,
  databaseStorageGbMonth: 0.115,
  auroraCapacityUnitHour: 0.12,
  secretMonth: 0.4,
} as const;
