/** A variable that a script or a command line sets. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
  /** The assignment as it stands in the text. */
  readonly text: string;
}

/** `NAME=value` of shells, `docker run -e` and systemd, and `NAME: value` of YAML; the value may be quoted. */
const ASSIGNMENT = /(?<![\w$.{])([A-Za-z_][A-Za-z0-9_]*)["']?(?:=|:[ \t]+)(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"'\\;]*))/g;

/** The variables that a text sets, comments left out. */
export function assignmentsIn(text: string): Assignment[] {
  const lines = text.split('\n').filter(line => !/^\s*#/.test(line));
  return lines.flatMap(line => [...line.matchAll(ASSIGNMENT)]
    .flatMap(([whole, name, double, single, bare]) => nested({ name, value: double ?? single ?? bare ?? '', text: whole })));
}

/** `Environment=NAME=value` sets NAME. */
function nested(assignment: Assignment): Assignment[] {
  const inner = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(assignment.value);
  return inner ? [assignment, ...nested({ name: inner[1], value: inner[2], text: assignment.text })] : [assignment];
}
