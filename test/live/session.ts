import { deleteCertificates } from './certificate';
import type { Cloud, Invariants } from './cloud';
import type { Deployment } from './deployment';
import { destroyRun, taggedLeftovers } from './destroy';
import { PROBES } from './probes';
import type { Probe } from './probes/probe';
import type { Result } from './report';
import { APART, HOSTS, prefixOf, stacksOf, type Host } from './stacks';

export interface Session {
  readonly run: string;
  readonly hosts: readonly Host[];
  readonly probes?: readonly string[];
  readonly emulated: boolean;
  readonly cloud: Pick<Cloud, 'call' | 'invariants'>;
  readonly deployment: Pick<Deployment, 'deploy' | 'token' | 'world'>;
  readonly signal: AbortSignal;
  readonly note: (result: Result) => void;
}

const NO_SERVER = 'no server runs in the emulator';
const SHOWN = 400;

/** Rejects as soon as the run ends early. */
function orEnd<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    return work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

const secondsSince = (started: number) => Math.round((performance.now() - started) / 1000);

/** Deploys the stacks of a run and asks every probe; what becomes of each is noted at once. */
export async function deployAndAsk(session: Session): Promise<void> {
  const { hosts, cloud, deployment, signal, note } = session;
  const started = performance.now();
  const { ok, output } = await deployment.deploy('deployed', stacksOf(hosts));
  const there = ok ? hosts : await deployedOf(session);
  note({
    probe: 'deployment',
    outcome: ok ? 'holds' : 'broken',
    seconds: secondsSince(started),
    says: ok ? `${stacksOf(hosts).length} stacks were created` : output.trim().split('\n').slice(-5).join(' ').slice(-SHOWN),
  });
  await noteInvariants(session, there.length > 0 ? await orEnd(cloud.invariants(stacksOf(there)), signal) : {});
  const token = there.some(host => !APART.includes(host)) ? await deployment.token() : undefined;
  for (const host of hosts) {
    const world = there.includes(host) ? await deployment.world(host, token) : undefined;
    for (const probe of PROBES.filter(({ hosts: of }) => of.includes(host))) {
      const skip = reasonToSkip(session, probe, world !== undefined);
      if (skip !== undefined) {
        note({ probe: probe.name, host, outcome: 'skipped', says: skip, seconds: 0 });
        continue;
      }
      const began = performance.now();
      const found = await orEnd(probe.run(world!), signal).catch((error: Error) => {
        signal.throwIfAborted();
        return { holds: false, says: `the probe failed: ${error.message}`.slice(0, SHOWN), measured: undefined };
      });
      note({ probe: probe.name, host, outcome: found.holds ? 'holds' : 'broken', says: found.says, seconds: secondsSince(began), ...found.measured && { measured: found.measured } });
    }
  }
}

function reasonToSkip({ probes, emulated }: Session, { name, asks }: Probe, deployed: boolean): string | undefined {
  if (probes !== undefined && !probes.includes(name)) return 'this run was asked for other probes';
  if (!deployed) return 'its server was not deployed';
  return emulated && asks === 'server' ? NO_SERVER : undefined;
}

async function deployedOf({ run, hosts, cloud, signal }: Session): Promise<Host[]> {
  signal.throwIfAborted();
  const { Stacks = [] } = await cloud.call('cloudformation', 'describe_stacks') as { Stacks?: { StackName: string; StackStatus: string }[] };
  return hosts.filter(host => Stacks.some(({ StackName, StackStatus }) => StackName === prefixOf(run) + HOSTS[host] && StackStatus === 'CREATE_COMPLETE'));
}

/** One line for the invariants that hold, and one for each that does not or could not be asked. */
async function noteInvariants({ note }: Session, found: Invariants): Promise<void> {
  const all = Object.entries(found);
  const good = all.filter(([, why]) => why === '').length;
  for (const [says, why] of all.filter(([, reason]) => reason !== '')) {
    const absent = why.startsWith('absent ');
    note({ probe: 'invariants', outcome: absent ? 'skipped' : 'broken', says: absent ? `${says}: needs ${why.slice(7)}, which this run does not deploy` : `${says}: ${why}`.slice(0, SHOWN), seconds: 0 });
  }
  note({ probe: 'invariants', outcome: good > 0 ? 'holds' : 'skipped', says: good > 0 ? `${good} of ${all.length} invariants hold` : 'nothing was deployed', seconds: 0 });
}

/** What AWS shows for a while, or for good, of what is deleted and costs nothing: the page on live runs names it. */
const SHOWN_AFTERWARDS = [':task-definition/', ':secret:', ':instance/', ':cluster/', ':service/'];

/** Destroys the run; throws where it could not even be asked for. */
export async function destroyAndAsk(call: Cloud['call'], run: string, pause: (seconds: number) => Promise<void>, say: (line: string) => void): Promise<Result> {
  const started = performance.now();
  const { gone, left } = await destroyRun(call, run, pause, say);
  const certificates = await deleteCertificates(call, run, pause);
  const named = (arn: string) => certificates.some(it => it.startsWith(arn));
  const tagged = (await taggedLeftovers(call, run)).filter(arn => !SHOWN_AFTERWARDS.some(part => arn.includes(part)) && !named(arn));
  const all = [...left, ...certificates, ...tagged];
  return {
    probe: 'destruction',
    outcome: all.length === 0 ? 'holds' : 'broken',
    seconds: secondsSince(started),
    says: all.length === 0 ? `${gone.length} stacks are gone, and nothing with the tag of the run is left` : `left: ${all.join('; ')}`.slice(0, SHOWN),
  };
}
