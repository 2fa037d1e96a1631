import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { box } from './pictures/box';
import type { Drawing } from './pictures/drawing';
import { express } from './pictures/express';
import { fargate } from './pictures/fargate';
import { floors } from './pictures/floors';
import { layOut } from './pictures/layout';
import { synthesized, type Platform, type Synthesized } from './pictures/stacks';
import { render } from './pictures/svg';

export const PICTURES = join(__dirname, '../docs/pictures');

const DRAWINGS: Record<Platform, (template: Synthesized) => Drawing> = { express, fargate, box };

export const PLATFORMS = Object.keys(DRAWINGS) as Platform[];

/** The picture of a platform, as it stands in docs/pictures. */
export async function renderPicture(platform: Platform): Promise<string> {
  const drawing = DRAWINGS[platform](synthesized(platform));
  return render(drawing, await layOut(drawing));
}

/** The picture of the floors of src. */
export async function renderFloors(): Promise<string> {
  const drawing = floors();
  return render(drawing, await layOut(drawing, 'DOWN'));
}

async function main(): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  for (const platform of PLATFORMS) {
    writeFileSync(join(PICTURES, `${platform}.svg`), await renderPicture(platform));
  }
  writeFileSync(join(PICTURES, 'floors.svg'), await renderFloors());
}

if (require.main === module) {
  void main();
}
