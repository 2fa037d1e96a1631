/** The drill on an account of AWS, which no machine can do for the reader. */
export const LIVE_DRILL = `The drill on AWS, beside the stack that runs and without touching it:

  1. aws rds create-db-snapshot --db-instance-identifier <database> --db-snapshot-identifier drill   (Aurora: create-db-cluster-snapshot)
     aws ec2 create-snapshot --volume-id <data volume>                                               (a box)
  2. In a second stack: new FlueDatabase(this, 'Database', { vpc, snapshot: 'drill', deletionProtection: false }), with a service on it;
     or new FlueEc2Service(this, 'Box', { image, dataVolumeSize, dataVolumeSnapshot: 'snap-…' }). Deploy it.
  3. Ask the second server for a conversation that you know, and go on with it. Note how long it took.
  4. Delete the second stack and the snapshots. A data volume stays: delete it by hand.

On this machine, with a Postgres of its own:
`;
