import { Peer } from 'aws-cdk-lib/aws-ec2';
import { FlueExposure } from '../../src/edge/flue-exposure';

const office = Peer.ipv4('203.0.113.0/24');
const home = Peer.ipv4('198.51.100.7/32');

test('open admits the whole internet', () => {
  const exposure = FlueExposure.open();
  expect(exposure.internetFacing).toBe(true);
  expect(exposure.peers.map(peer => peer.uniqueId)).toEqual(['0.0.0.0/0']);
});

test('toPeers admits only the given peers over the internet', () => {
  expect(FlueExposure.toPeers(office, home)).toMatchObject({ internetFacing: true, peers: [office, home] });
});

test('internal has no public address and admits only the given peers', () => {
  expect(FlueExposure.internal(office)).toMatchObject({ internetFacing: false, peers: [office] });
});

test.each([['toPeers', FlueExposure.toPeers()], ['internal', FlueExposure.internal()]])('%s without peers admits nobody', (_, exposure) => {
  expect(exposure.peers).toEqual([]);
});
