import { setTimeout as sleep } from 'node:timers/promises';
import { judge, skipped, type Check } from './check';

/** A server is at rest this long after its start. */
const REST_SECONDS = 3;
/** What a server at rest may take of the task; prompts and sessions need the other half. */
const REST_SHARE = 0.5;
const ROOT = 0;

export const MEMORY: Check = {
  id: 'memory',
  title: 'It leaves memory for its work',
  skip: ({ plan }) => plan.memoryMiB === undefined ? 'the task states no memory' : undefined,
  async run(session) {
    const server = session.server!;
    await sleep(Math.max(0, REST_SECONDS * 1000 - (performance.now() - server.startedAt)));
    const inspection = await server.inspect();
    const size = session.plan.memoryMiB!;
    return inspection === undefined ? skipped('this system does not show the memory of a process')
      : judge(inspection.residentMiB <= size * REST_SHARE, `${Math.round(inspection.residentMiB)} MiB at rest`, `≤ ${Math.round(size * REST_SHARE)} of ${size} MiB`,
        `Load less at startup, or raise \`memoryLimitMiB\` to ${2 ** Math.ceil(Math.log2(inspection.residentMiB / REST_SHARE))}.`);
  },
};

export const USER: Check = {
  id: 'user',
  title: 'It does not run as root',
  async run(session) {
    const { userObstacle, runsAsRoot } = session.runtime;
    const fix = 'Put `USER node` at the end of the Dockerfile.';
    if (runsAsRoot) {
      return { status: 'fail', measured: 'neither the image nor the task names a user, so it is root', limit: 'not 0', fix };
    }
    if (userObstacle !== undefined) {
      return skipped(userObstacle);
    }
    const inspection = await session.server!.inspect();
    return inspection === undefined || inspection.userIds.length === 0 ? skipped('this system does not show the user of a process')
      : judge(!inspection.userIds.includes(ROOT), `user ${inspection.userIds.join(' and ')}`, 'not 0',
        fix);
  },
};

export const READ_ONLY_ROOT: Check = {
  id: 'read-only-root',
  title: 'It runs on a read-only root, as the task says',
  skip: ({ plan, runtime }) => !plan.container.readOnlyRoot ? 'the task does not ask for a read-only root'
    : runtime.providesReadOnlyRoot ? undefined : 'only a container has a root file system of its own: pass --image',
  async run(session) {
    const code = await session.server!.writeToRoot?.();
    return judge(code === 'EROFS', code === undefined ? 'the server can write to its root file system' : `writing to its root file system fails with ${code}`, 'EROFS',
      'Start the container with a read-only root file system.');
  },
};
