import { describe, type Drawing, type GroupKind, type Kind, type Lane } from './drawing';
import { CARD_PADDING, FONT, LINE_HEIGHT, STEP_SIZE, widthOf, type Box, type Layout, type Point } from './layout';

const INK = { text: '#1f2328', muted: '#57606a', line: '#57606a', paper: '#ffffff', border: '#d0d7de' } as const;

const CARD: Record<Kind, { readonly fill: string; readonly stroke: string }> = {
  outside: { fill: '#f6f8fa', stroke: '#6e7781' },
  edge: { fill: '#f5f0ff', stroke: '#8250df' },
  server: { fill: '#fff3e6', stroke: '#d9660a' },
  data: { fill: '#e6f2ff', stroke: '#0969da' },
};

const FRAME: Record<GroupKind, { readonly fill: string; readonly stroke: string; readonly ink: string; readonly dash?: string }> = {
  vpc: { fill: '#fbfcfd', stroke: '#8c959f', ink: INK.muted },
  public: { fill: '#eefaf0', stroke: '#aadcb4', ink: '#116329' },
  private: { fill: '#eef4fb', stroke: '#b3cdea', ink: '#0a4a8f' },
  securityGroup: { fill: 'none', stroke: '#c2372d', ink: '#a40e26', dash: '5 3' },
  machine: { fill: '#ffffff', stroke: '#d9660a', ink: '#953800' },
  floor: { fill: '#f6f8fa', stroke: INK.border, ink: INK.muted },
};

const MARGIN = 20;
const HEADER = 56;
const LANE_GAP = 24;
const BAR = { height: 16, gap: 6 } as const;

const escape = (content: string): string => content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
const round = (value: number): number => Math.round(value * 10) / 10;

interface TextOptions { readonly size: number; readonly fill?: string; readonly bold?: boolean; readonly anchor?: 'middle' }

function text(x: number, y: number, content: string, { size, fill = INK.text, bold, anchor }: TextOptions): string {
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}"${bold ? ' font-weight="600"' : ''}${anchor ? ` text-anchor="${anchor}"` : ''}>${escape(content)}</text>`;
}

function rect({ x, y, width, height }: Box, attributes: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" ${attributes}/>`;
}

function cardFrame(box: Box, kind: Kind, managed?: boolean): string {
  const { fill, stroke } = CARD[kind];
  return rect(box, `rx="6" fill="${fill}" stroke="${stroke}" stroke-width="1.5"${managed ? ' stroke-dasharray="2 3"' : ''}`);
}

/** A shield, the sign of a security group. */
const shield = (x: number, y: number): string =>
  `<path d="M${round(x)} ${round(y)}l5.5-2 5.5 2v4.5c0 3.4-2.6 5.6-5.5 6.8-2.9-1.2-5.5-3.4-5.5-6.8z" fill="${FRAME.securityGroup.stroke}"/>`;

function step(x: number, y: number, number: number): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${STEP_SIZE / 2}" fill="${INK.text}"/>${text(x, y + 4, String(number), { size: 12, fill: INK.paper, bold: true, anchor: 'middle' })}`;
}

/** A line with round corners and a head at its end. */
function arrow(points: readonly Point[]): string {
  const radius = 7;
  const corners = points.slice(1, -1).map((corner, index) => {
    const toward = (other: Point): string => {
      const length = Math.hypot(other.x - corner.x, other.y - corner.y);
      const share = Math.min(radius, length / 2) / length;
      return `${round(corner.x + (other.x - corner.x) * share)} ${round(corner.y + (other.y - corner.y) * share)}`;
    };
    return `L${toward(points[index]!)}Q${round(corner.x)} ${round(corner.y)} ${toward(points[index + 2]!)}`;
  });
  const [first, last] = [points[0]!, points[points.length - 1]!];
  const line = `M${round(first.x)} ${round(first.y)}${corners.join('')}L${round(last.x)} ${round(last.y)}`;
  return `<path d="${line}" fill="none" stroke="${INK.line}" stroke-width="1.6" marker-end="url(#head)"/>`;
}

function places({ groups, cards, flows }: Layout): string[] {
  return [
    ...groups.map(({ group, ...box }) => {
      const { fill, stroke, ink, dash } = FRAME[group.kind];
      const guards = group.kind === 'securityGroup';
      return [
        rect(box, `rx="8" fill="${fill}" stroke="${stroke}"${dash ? ` stroke-dasharray="${dash}"` : ''}`),
        guards ? shield(box.x + 9, box.y + 10) : '',
        ...group.title.map((line, index) =>
          text(box.x + (guards ? 25 : 10), box.y + 19 + index * LINE_HEIGHT, line, { size: FONT.group, fill: ink })),
      ].join('');
    }),
    ...flows.map(({ points }) => arrow(points)),
    ...cards.map(({ card, ...box }) => [
      cardFrame(box, card.kind, card.managed),
      text(box.x + CARD_PADDING, box.y + CARD_PADDING + 11, card.title, { size: FONT.title, bold: true }),
      ...card.lines.map((line, index) =>
        text(box.x + CARD_PADDING, box.y + CARD_PADDING + 11 + (index + 1) * LINE_HEIGHT, line, { size: FONT.line, fill: INK.muted })),
    ].join('')),
    ...flows.map(({ flow, label }) => label === undefined || flow.step === undefined ? '' : [
      step(label.x, label.y, flow.step),
      ...flow.back
        ? flow.label.map(line => text(label.x + STEP_SIZE / 2 + 5, label.y - 5, line, { size: FONT.label }))
        : flow.label.map((line, index) => text(label.x, label.y + STEP_SIZE / 2 + 14 + index * LINE_HEIGHT, line, { size: FONT.label, anchor: 'middle' })),
    ].join('')),
  ];
}

function lane({ title, order, bars }: Lane, { x, y }: Point, perSecond: number, labels: number): string {
  let begin = 0;
  return [
    text(x, y + 12, title, { size: FONT.title, bold: true }),
    ...bars.map(({ label, seconds, kind }, index) => {
      const top = y + 22 + index * (BAR.height + BAR.gap);
      const [left, length] = [x + labels + begin * perSecond, Math.max(3, seconds * perSecond)];
      if (order === 'in turn') {
        begin += seconds;
      }
      return text(x, top + 12, label, { size: FONT.line, fill: INK.muted })
        + rect({ x: left, y: top, width: length, height: BAR.height }, `rx="3" fill="${CARD[kind].stroke}"`)
        + text(left + length + 6, top + 12, `${seconds} s`, { size: FONT.line, bold: true });
    }),
  ].join('');
}

const laneHeight = ({ bars }: Lane): number => 22 + bars.length * (BAR.height + BAR.gap);

/** The lanes beside each other, each with a scale of its own. */
function lanesOf(lanes: readonly Lane[], x: number, y: number, width: number): string[] {
  const each = (width - LANE_GAP * (lanes.length - 1)) / Math.max(1, lanes.length);
  return lanes.map((it, index) => {
    const labels = Math.max(...it.bars.map(({ label }) => widthOf(label, FONT.line))) + 8;
    const longest = it.order === 'together' ? Math.max(...it.bars.map(({ seconds }) => seconds)) : it.bars.reduce((sum, { seconds }) => sum + seconds, 0);
    return lane(it, { x: x + index * (each + LANE_GAP), y }, (each - labels - 48) / longest, labels);
  });
}

const SIGNS: Record<Drawing['legend'][number][0], (x: number, y: number) => string> = {
  step: (x, y) => step(x + 9, y, 1),
  securityGroup: (x, y) => shield(x + 4, y - 5),
  managed: (x, y) => cardFrame({ x, y: y - 7, width: 18, height: 14 }, 'edge', true),
};

/** The picture, as text that is the same whenever the drawing is. */
export function render(drawing: Drawing, layout: Layout): string {
  const inner = Math.max(layout.width, widthOf(drawing.subtitle, FONT.title));
  const width = Math.ceil(inner + 2 * MARGIN);
  const lanesTop = HEADER + layout.height + (drawing.lanes.length > 0 ? 26 : 12);
  const lanesBottom = lanesTop + Math.max(0, ...drawing.lanes.map(laneHeight));
  const legendAt = lanesBottom + 22;
  const height = Math.ceil((drawing.legend.length > 0 ? legendAt + 20 : lanesBottom) + 4);
  let at = MARGIN;
  const legend = drawing.legend.map(([sign, words]) => {
    const part = SIGNS[sign](at, legendAt) + text(at + 24, legendAt + 4, words, { size: FONT.line, fill: INK.muted });
    at += 24 + widthOf(words, FONT.line) + 20;
    return part;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif">`,
    `<title id="title">${escape(`${drawing.title}: ${drawing.subtitle}`)}</title>`,
    `<desc id="desc">${escape(describe(drawing))}</desc>`,
    `<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="${INK.line}"/></marker></defs>`,
    rect({ x: 0.5, y: 0.5, width: width - 1, height: height - 1 }, `rx="10" fill="${INK.paper}" stroke="${INK.border}"`),
    text(MARGIN, 28, drawing.title, { size: FONT.heading, bold: true }),
    text(MARGIN, 46, drawing.subtitle, { size: FONT.title, fill: INK.muted }),
    `<g transform="translate(${round(MARGIN + (inner - layout.width) / 2)} ${HEADER})">`,
    ...places(layout),
    '</g>',
    ...lanesOf(drawing.lanes, MARGIN, lanesTop, width - 2 * MARGIN),
    ...legend,
    '</svg>',
    '',
  ].filter(Boolean).join('\n');
}
