import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { updateSection } from './sections';
import { FLOORS } from '../projenrc/floors';

/** The page on the architecture, which has the drawing between the lines `floors`. */
export const ARCHITECTURE = join(__dirname, '..', 'docs', 'architecture.md');

/** The floors on which something stands today: the list knows of rooms that are not built yet. */
export function standingFloors(): string[][] {
  return FLOORS.map(places => places.filter(place => existsSync(join(__dirname, '..', 'src', place)))).filter(places => places.length > 0);
}

/** The floors as a drawing of Mermaid, which GitHub renders: the roof above, and an arrow from each floor to the next below. */
export function renderFloors(): string {
  const floors = standingFloors();
  const nodes = floors.map((places, index) => `  f${index}["${places.join(' · ')}"]`).reverse();
  const arrows = floors.slice(1).map((_, index) => `  f${index + 1} --> f${index}`).reverse();
  return ['```mermaid', 'flowchart TD', ...nodes, ...arrows, '```'].join('\n');
}

if (require.main === module) {
  updateSection(ARCHITECTURE, 'floors', renderFloors());
}
