import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PICTURES, PLATFORMS, renderFloors, renderPicture } from '../../scripts/generate-pictures';
import type { Drawing } from '../../scripts/pictures/drawing';
import { layOut } from '../../scripts/pictures/layout';
import { render } from '../../scripts/pictures/svg';

describe.each(PLATFORMS)('docs/pictures/%s.svg', platform => {
  const picture = readFileSync(join(PICTURES, `${platform}.svg`), 'utf8');

  test('shows what the template says; otherwise run `npm run generate:pictures`', async () => {
    expect(picture).toBe(await renderPicture(platform));
  });

  test('stands on its own: small, described, nothing loaded from elsewhere', () => {
    expect(picture.length).toBeLessThan(40_000);
    expect(picture).toMatch(/<title id="title">Flue\w+Service: .+<\/title>\n<desc id="desc">1\. Client to .+<\/desc>/);
    expect(picture.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|href|<script|<style|<image|@import|url\((?!#head\))/);
  });
});

test('docs/pictures/floors.svg shows the floors that the lint keeps; otherwise run `npm run generate:pictures`', async () => {
  const picture = readFileSync(join(PICTURES, 'floors.svg'), 'utf8');

  expect(picture).toBe(await renderFloors());
  expect(picture).toContain('timers, logs to invariants.');
});

describe('the pages', () => {
  const root = join(__dirname, '../..');
  const RAW = 'https://raw.githubusercontent.com/cdk-flue/cdk-flue/main/';
  /** The pictures that a page shows, as paths in this repository, by their descriptions. */
  const shownIn = (page: string): { alt: string; path: string }[] =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/!\[([^\]]*)\]\(([^)]+\.svg)\)/g)].map(([, alt, link]) =>
      ({ alt: alt!, path: link!.startsWith(RAW) ? join(root, link!.slice(RAW.length)) : join(root, dirname(page), link!) }));
  const pictures = PLATFORMS.map(platform => join(PICTURES, `${platform}.svg`)).sort();

  test.each(['README.md', 'docs/platforms.md'])('%s shows every platform', page => {
    expect(shownIn(page).map(({ path }) => path).sort()).toEqual(pictures);
  });

  test.each(['README.md', 'docs/platforms.md', 'docs/box.md'])('%s describes what it shows', page => {
    expect(shownIn(page).map(({ alt }) => alt)).toEqual(shownIn(page).map(() => expect.stringMatching(/^Flue\w+Service: a client .{60,}/)));
  });

  test('README.md links to its pictures from everywhere it is read', () => {
    expect(readFileSync(join(root, 'README.md'), 'utf8').match(/!\[[^\]]*\]\((?!https:)/g)).toBeNull();
  });
});

describe('a drawing', () => {
  const drawing: Drawing = {
    title: 'A & B',
    subtitle: 'what <is> "drawn"',
    parts: [
      { id: 'a', kind: 'outside', title: 'Client', lines: [] },
      { id: 'frame', kind: 'securityGroup', title: ['443 from everyone'], children: [{ id: 'b', kind: 'server', title: 'Server', lines: ['a line that is wider than the frame'] }] },
    ],
    flows: [{ from: 'a', to: 'b', step: 1, label: ['HTTPS'] }, { from: 'b', to: 'a', step: 2, label: ['back'], back: true }],
    lanes: [{ title: 'In turn', order: 'in turn', bars: [{ label: 'one', seconds: 10, kind: 'edge' }, { label: 'two', seconds: 20, kind: 'server' }] }],
    legend: [['step', 'a step']],
  };

  test('holds its cards in their frames, and ends its arrows at them', async () => {
    const { width, height, cards, groups, flows } = await layOut(drawing);
    const [client, server] = cards;
    const [frame] = groups;

    expect(server!.x).toBeGreaterThan(frame!.x);
    expect(server!.x + server!.width).toBeLessThan(frame!.x + frame!.width);
    expect(client!.x + client!.width).toBeLessThan(frame!.x);
    expect(frame!.x + frame!.width).toBeLessThanOrEqual(width);
    expect(frame!.y + frame!.height).toBeLessThanOrEqual(height);
    const [there, back] = flows;
    expect(there!.points[0]!.x).toBeCloseTo(client!.x + client!.width, 0);
    expect(there!.points[there!.points.length - 1]!.x).toBeCloseTo(server!.x, 0);
    expect(back!.points[back!.points.length - 1]!.x).toBeCloseTo(client!.x + client!.width, 0);
    expect(there!.label!.x).toBeGreaterThan(client!.x + client!.width);
    expect(there!.label!.x).toBeLessThan(frame!.x);
  });

  test('is said in words, and escaped', async () => {
    const svg = render(drawing, await layOut(drawing));

    expect(svg).toContain('<title id="title">A &amp; B: what &lt;is&gt; &quot;drawn&quot;</title>');
    expect(svg).toContain('1. Client to Server: HTTPS. 2. Server to Client: back. Security groups: Server: 443 from everyone. In turn: one 10 s, two 20 s.');
  });

  test('lets a bar begin where the one before it ends', async () => {
    const svg = render(drawing, await layOut(drawing));
    const [one, two] = [...svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="16"/g)].map(([, x, width]) => ({ x: Number(x), width: Number(width) }));

    expect(two!.x).toBeCloseTo(one!.x + one!.width, 0);
    expect(two!.width).toBeCloseTo(2 * one!.width, 0);
  });
});
