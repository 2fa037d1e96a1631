/** What one thing is, by which it is coloured. */
export type Kind = 'outside' | 'edge' | 'server' | 'data';

/** One thing that takes part: a card with a title and a few short lines. */
export interface Card {
  readonly id: string;
  readonly kind: Kind;
  readonly title: string;
  readonly lines: string[];
  /** Whether AWS makes it, and no resource of the template is it. */
  readonly managed?: boolean;
}

/** What a group is, by which it is framed. */
export type GroupKind = 'vpc' | 'public' | 'private' | 'securityGroup' | 'machine' | 'floor';

/** A frame round cards and other groups. */
export interface Group {
  readonly id: string;
  readonly kind: GroupKind;
  readonly title: string[];
  readonly children: Part[];
}

export type Part = Card | Group;

/** An arrow from one card to another. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  /** Its place in the course of a request, in a circle at its label. */
  readonly step?: number;
  readonly label: string[];
  /** Whether it leads back to what stands before: the layout takes it the other way round. */
  readonly back?: boolean;
}

/** A duration, as a bar. */
export interface Bar {
  readonly label: string;
  readonly seconds: number;
  readonly kind: Kind;
}

/** Durations that belong together: all from the same moment, or one after the other. */
export interface Lane {
  readonly title: string;
  readonly order: 'together' | 'in turn';
  readonly bars: Bar[];
}

/** What a picture shows, before anything has a place. */
export interface Drawing {
  readonly title: string;
  readonly subtitle: string;
  readonly parts: Part[];
  readonly flows: Flow[];
  readonly lanes: Lane[];
  readonly legend: Array<[sign: 'step' | 'securityGroup' | 'managed', text: string]>;
}

export const isGroup = (part: Part): part is Group => 'children' in part;

export const allParts = (parts: readonly Part[]): Part[] => parts.flatMap(part => isGroup(part) ? [part, ...allParts(part.children)] : [part]);

/** A drawing in words, for those who do not see it. */
export function describe({ parts, flows, lanes }: Drawing): string {
  const all = allParts(parts);
  const titleOf = (id: string): string => {
    const part = all.find(candidate => candidate.id === id);
    return part === undefined ? id : !isGroup(part) ? part.title : part.title.join(' ') || part.children.map(child => titleOf(child.id)).join(', ');
  };
  const guards = all.filter(isGroup).filter(({ kind }) => kind === 'securityGroup')
    .map(({ title, children }) => `${children.map(child => isGroup(child) ? child.title.join(' ') : child.title).join(', ')}: ${title.join(' ')}`);
  return [
    ...flows.map(({ from, to, step, label }) => `${step === undefined ? '' : `${step}. `}${titleOf(from)} to ${titleOf(to)}${label.length > 0 ? `: ${label.join(' ')}` : ''}.`),
    ...guards.length > 0 ? [`Security groups: ${guards.join('; ')}.`] : [],
    ...lanes.map(({ title, bars }) => `${title}: ${bars.map(({ label, seconds }) => `${label} ${seconds} s`).join(', ')}.`),
  ].join(' ');
}
