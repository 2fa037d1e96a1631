/**
 * The floors of `src/`, from the ground up. A folder imports from the floors below its own and from itself: neither from
 * above nor from its neighbours. `projen lint:imports` refuses anything else, and every circle of files.
 */
export const FLOORS: readonly (readonly string[])[] = [
  ['invariants'],
  ['image', 'database', 'timers', 'logs'],
  ['network', 'backups'],
  ['edge'],
  ['operations'],
  ['events', 'sandboxes'],
  ['service'],
  ['service/fargate', 'service/express', 'service/box'],
  ['service/sharded'],
  ['checks', 'dashboard', 'stages'],
  // the library, and the command line, which is outside of it
  ['index.ts', 'cli'],
];

const pathOf = (place: string): string => `^src/${place}${place.endsWith('.ts') ? '$' : '/'}`;

/** The rules of dependency-cruiser that the floors stand for. */
export function importRules() {
  const places = FLOORS.flat();
  const paths = places.map(pathOf);
  return [
    {
      name: 'no-circle',
      comment: 'Files must not import each other in a circle, types included: move what both need into a file of its own.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'on-a-floor',
      comment: 'Every folder of src/ must stand on a floor: add it to projenrc/floors.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: paths },
      to: {},
    },
    ...FLOORS.flatMap((floor, index) => floor.map(place => ({
      name: `${place}-imports-from-below`,
      comment: `src/${place} may import from ${FLOORS.slice(0, index).flat().join(', ') || 'itself alone'}: move what it shares down a floor.`,
      severity: 'error',
      from: { path: pathOf(place), pathNot: places.filter(other => other.startsWith(`${place}/`)).map(pathOf) },
      to: { path: [...floor.filter(other => other !== place), ...FLOORS.slice(index + 1).flat()].map(pathOf) },
    }))),
  ];
}
