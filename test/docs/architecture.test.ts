import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARCHITECTURE, renderFloors, standingFloors } from '../../scripts/generate-floors';
import { withSection } from '../../scripts/sections';

const page = readFileSync(ARCHITECTURE, 'utf8');
const folders = readdirSync(join(__dirname, '../../src'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name).sort();

test('the drawing of the floors is that of projenrc/floors.ts; otherwise run `npm run generate:floors`', () => {
  expect(page).toBe(withSection(page, 'floors', renderFloors()));
});

test('the drawing has every folder of src, and an arrow from each floor to the next', () => {
  const drawn = renderFloors().split('\n');
  expect(drawn.filter(line => line.includes('-->'))).toHaveLength(standingFloors().length - 1);
  const places = standingFloors().flat().filter(place => !place.includes('/') && place !== 'index.ts');
  expect(places.sort()).toEqual(folders);
});

test('the page says what every folder of src holds', () => {
  expect(folders.length).toBeGreaterThan(8);
  expect(folders.filter(name => !page.includes(`| \`src/${name}\``))).toEqual([]);
});
