import ELK, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js';
import { allParts, isGroup, type Card, type Drawing, type Flow, type Group, type Part } from './drawing';

export const FONT = { heading: 17, title: 13, line: 12, label: 12, group: 12 } as const;
export const LINE_HEIGHT = 16;
export const CARD_PADDING = 10;
/** Diameter of the circle with the number of a step. */
export const STEP_SIZE = 18;
const GROUP_PADDING = 10;
const SHIELD_WIDTH = 16;

export interface Box { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
export type Point = { readonly x: number; readonly y: number };

/** Between what stands beside each other. ELK does not pass it on to the children of a group. */
const SPACING = {
  'elk.spacing.nodeNode': '12',
  'elk.spacing.edgeNode': '30',
  'elk.layered.spacing.nodeNodeBetweenLayers': '12',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.spacing.edgeLabel': '0',
};

/** A drawing in which everything has its place. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly cards: Array<Box & { readonly card: Card }>;
  readonly groups: Array<Box & { readonly group: Group }>;
  readonly flows: Array<{ readonly flow: Flow; readonly points: Point[]; readonly label?: Point }>;
}

/** How wide a text becomes in the widest of the usual sans-serif fonts, near enough. */
export function widthOf(text: string, size: number, bold = false): number {
  const ems = [...text].reduce((sum, char) => sum + (/[MW@%—]/.test(char) ? 0.9 : /[A-Z0-9&<>=+–]/.test(char) ? 0.65 : /[ijltfr.,:;'|!()/ ]/.test(char) ? 0.35 : 0.58), 0);
  return Math.ceil(ems * size * (bold ? 1.06 : 1));
}

const widest = (texts: readonly string[], size: number, bold = false): number => Math.max(0, ...texts.map(text => widthOf(text, size, bold)));

function cardNode(card: Card, atLeast = 0): ElkNode {
  return {
    id: card.id,
    width: Math.max(atLeast, 2 * CARD_PADDING + Math.max(widthOf(card.title, FONT.title, true), widest(card.lines, FONT.line))),
    height: 2 * CARD_PADDING + LINE_HEIGHT * (1 + card.lines.length) - 2,
    ...card.kind === 'outside' && { layoutOptions: { 'elk.layered.layering.layerConstraint': 'FIRST' } },
  };
}

function groupNode(group: Group): ElkNode {
  const title = widest(group.title, FONT.group) + 2 * GROUP_PADDING + (group.kind === 'securityGroup' ? SHIELD_WIDTH : 0);
  const top = GROUP_PADDING + (group.title.length > 0 ? LINE_HEIGHT * group.title.length + 6 : 0);
  return {
    id: group.id,
    children: group.children.map(child => node(child, group.children.length === 1 ? title - 2 * GROUP_PADDING : 0)),
    layoutOptions: {
      ...SPACING,
      'elk.padding': `[top=${top},left=${GROUP_PADDING},bottom=${GROUP_PADDING},right=${GROUP_PADDING}]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${title},0)`,
    },
  };
}

const node = (part: Part, atLeast = 0): ElkNode => isGroup(part) ? groupNode(part) : cardNode(part, atLeast);

function edge(flow: Flow, index: number): ElkExtendedEdge {
  const [source, target] = flow.back ? [flow.to, flow.from] : [flow.from, flow.to];
  const step = flow.step === undefined ? 0 : STEP_SIZE + 2;
  const label = flow.label.length + step === 0 ? [] : [{
    id: `label${index}`,
    text: flow.label.join(' '),
    width: Math.max(step, widest(flow.label, FONT.label)) + 8,
    height: STEP_SIZE,
    layoutOptions: { 'elk.edgeLabels.inline': 'true' },
  }];
  return { id: `flow${index}`, sources: [source], targets: [target], labels: label, layoutOptions: { 'elk.edgeLabels.placement': 'CENTER' } };
}

/** The frames round a card, the outermost first, and the card. */
function pathTo(id: string, parts: readonly Part[]): string[] {
  for (const part of parts) {
    const below = part.id === id ? [] : isGroup(part) ? pathTo(id, part.children) : undefined;
    if (below && (part.id === id || below.length > 0)) {
      return [part.id, ...below];
    }
  }
  return [];
}

/** From the right end of the outermost frame that only the source is in to the left end of the target's. */
function gapBetween({ from, to }: Flow, parts: readonly Part[], places: ReadonlyMap<string, Box>): [number, number] {
  const [source, target] = [pathTo(from, parts), pathTo(to, parts)];
  const parted = source.findIndex((id, index) => id !== target[index]);
  const [left, right] = [places.get(source[parted]!)!, places.get(target[parted]!)!];
  return [left.x + left.width, right.x];
}

/** Makes level what is level but for a fraction of a pixel. */
function straighten(points: readonly Point[]): Point[] {
  return points.reduce<Point[]>((done, point) => {
    const last = done[done.length - 1];
    return [...done, last && Math.abs(last.y - point.y) < 1 ? { ...point, y: last.y } : point];
  }, []);
}

/** The middle of the longest level part of a line between two ends. */
function labelPoint(points: readonly Point[], [left, right]: readonly number[]): Point {
  const parts = points.slice(1)
    .map((point, index) => ({ y: point.y, start: points[index]! }))
    .flatMap(({ y, start }, index) => y === start.y ? [{ y, xs: [start.x, points[index + 1]!.x] }] : [])
    .map(({ y, xs }) => ({ y, from: Math.max(Math.min(...xs), left!), to: Math.min(Math.max(...xs), right!) }));
  const longest = parts.reduce((best, part) => part.to - part.from > best.to - best.from ? part : best);
  return { x: (longest.from + longest.to) / 2, y: longest.y };
}

/** Gives everything in a drawing its place. */
export async function layOut({ parts, flows }: Pick<Drawing, 'parts' | 'flows'>, direction: 'RIGHT' | 'DOWN' = 'RIGHT'): Promise<Layout> {
  const outside = Math.max(0, ...parts.filter((part): part is Card => !isGroup(part) && part.kind === 'outside').map(card => cardNode(card).width!));
  const root: ElkNode = await new ELK().layout({
    id: 'root',
    // what stands outside forms a column
    children: parts.map(part => node(part, isGroup(part) || part.kind !== 'outside' ? 0 : outside)),
    edges: flows.map(edge),
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': direction,
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.padding': '[top=0,left=0,bottom=0,right=0]',
      ...SPACING,
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.nodePlacement.favorStraightEdges': 'true',
      'elk.json.shapeCoords': 'ROOT',
      'elk.json.edgeCoords': 'ROOT',
    },
  } as ElkNode);
  const places = new Map<string, Box>();
  const visit = ({ id, x = 0, y = 0, width = 0, height = 0, children = [] }: ElkNode): void => {
    places.set(id, { x, y, width, height });
    children.forEach(visit);
  };
  (root.children ?? []).forEach(visit);
  return {
    width: root.width!,
    height: root.height!,
    groups: allParts(parts).filter(isGroup).map(group => ({ group, ...places.get(group.id)! })),
    cards: allParts(parts).filter((part): part is Card => !isGroup(part)).map(card => ({ card, ...places.get(card.id)! })),
    flows: flows.map((flow, index) => {
      const { sections = [] } = root.edges!.find(({ id }) => id === `flow${index}`)!;
      const points = straighten(sections.flatMap(section => [section.startPoint, ...section.bendPoints ?? [], section.endPoint]));
      const label = flow.step !== undefined && { label: labelPoint(points, flow.back ? [0, root.width!] : gapBetween(flow, parts, places)) };
      return { flow, points: flow.back ? points.reverse() : points, ...label };
    }),
  };
}
