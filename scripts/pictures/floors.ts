import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Drawing, Group } from './drawing';
import { FLOORS } from '../../projenrc/floors';

const SRC = join(__dirname, '../../src');

/** The floors of src that are built, the highest on top, as the lint of imports has them. */
export function floors(): Drawing {
  const groups = FLOORS
    .map(folders => folders.filter(folder => existsSync(join(SRC, folder))))
    .filter(folders => folders.length > 0)
    .map((folders, index): Group => ({
      id: `floor${index}`,
      kind: 'floor',
      title: [],
      children: folders.map(folder => ({ id: folder, kind: index === 0 ? 'data' : 'edge', title: folder, lines: [] })),
    }));
  return {
    title: 'The floors of src',
    subtitle: 'Imports lead down, to any floor below: never up, never to a neighbour',
    parts: [...groups].reverse(),
    flows: groups.slice(1).map((floor, index) => ({ from: floor.id, to: groups[index]!.id, label: [] })),
    lanes: [],
    legend: [],
  };
}
