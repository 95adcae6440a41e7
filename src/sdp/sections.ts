import type { MalformedSdp } from './session.ts';

/** The session part of a description, or one m= line with what follows it. */
export interface Section {
  /** What stands behind m=; empty for the session. */
  readonly head: string;
  /** What stands behind the first c=. */
  readonly connection: string | undefined;
  /** What stands behind each a=name: in the order of the text; empty strings for flags. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/** What a description consists of before anybody knows what it means. */
export interface Sections {
  /** What stands behind o=. */
  readonly origin: string;
  readonly session: Section;
  readonly media: readonly Section[];
}

/** Far more than a telephone or a browser writes; what is longer is not even looked at. */
const MOST_CHARACTERS = 32_768;
const MOST_LINES = 1000;
const MOST_MEDIA = 16;
/** A longer line is passed over, unless it is one that cannot be missed. */
const LONGEST_LINE = 1024;
/** More values of one attribute than anybody needs: two for each of 128 payload types. */
const MOST_VALUES = 256;

/** Cuts a text into its sections (RFC 8866 §5). Sizes are capped before anything else looks at it. */
export function sectionsOf(text: string): Sections | MalformedSdp {
  if (text.length > MOST_CHARACTERS) return { malformed: 'too long' };
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trimEnd());
  if (lines.length > MOST_LINES) return { malformed: 'too many lines' };
  if (lines[0] !== 'v=0') return { malformed: 'no v=0' };
  const heads = [...lines.entries()].filter(([, line]) => line.startsWith('m=')).map(([index]) => index);
  if (heads.length > MOST_MEDIA) return { malformed: 'too many m=' };
  const end = heads[0] ?? lines.length;
  const origin = lines.slice(0, end).find((line) => line.startsWith('o='));
  if (origin === undefined || origin.length > LONGEST_LINE) return { malformed: 'bad o=' };
  if (heads.some((index) => (lines[index] ?? '').length > LONGEST_LINE)) return { malformed: 'bad m=' };
  return {
    origin: origin.slice(2),
    session: section('', lines.slice(0, end)),
    media: heads.map((start, index) => section(lines[start]?.slice(2) ?? '', lines.slice(start, heads[index + 1] ?? lines.length))),
  };
}

function section(head: string, lines: readonly string[]): Section {
  const attributes = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value = ''] = line.length > LONGEST_LINE ? [] : (/^a=([^:\s]+)(?::\s*(.*))?$/.exec(line) ?? []);
    if (name === undefined) continue;
    const values = attributes.get(name);
    if (values === undefined) attributes.set(name, [value]);
    else if (values.length < MOST_VALUES) values.push(value);
  }
  const connection = lines.find((line) => line.startsWith('c=') && line.length <= LONGEST_LINE)?.slice(2);
  return { head, connection, attributes };
}
