import type { Probe } from './probe';
import { LACKS } from '../../../src/network/zones';

export const zones: Probe = {
  name: 'zones',
  promises: 'EC2 offers t4g instances in every zone but those of which the library warns.',
  hosts: ['box'],
  asks: 'apis',
  async run({ call }) {
    const wrong: string[] = [];
    let asked = 0;
    for (const [region, lacking] of Object.entries(LACKS.t4g.zones)) {
      const { AvailabilityZones } = await call('ec2', 'describe_availability_zones', {}, region) as { AvailabilityZones: { ZoneId: string; ZoneType?: string }[] };
      const { InstanceTypeOfferings } = await call('ec2', 'describe_instance_type_offerings', {
        LocationType: 'availability-zone-id', Filters: [{ Name: 'instance-type', Values: ['t4g.small'] }],
      }, region) as { InstanceTypeOfferings: { Location: string }[] };
      const offered = new Set(InstanceTypeOfferings.map(({ Location }) => Location));
      for (const { ZoneId, ZoneType = 'availability-zone' } of AvailabilityZones) {
        if (ZoneType !== 'availability-zone') continue;
        asked++;
        if (offered.has(ZoneId) === lacking.includes(ZoneId)) {
          wrong.push(`${ZoneId} ${offered.has(ZoneId) ? 'has' : 'lacks'} them`);
        }
      }
    }
    return { holds: asked > 0 && wrong.length === 0, says: wrong.length > 0 ? wrong.join(', ') : `${asked} zones are as the library says`, measured: { zones: asked } };
  },
};
