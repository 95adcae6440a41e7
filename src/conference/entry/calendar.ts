import { isoMillis } from '../../base/index.ts';

/** One event of a calendar (RFC 5545 §3.6.1), as a guest gets it. */
export interface CalendarEvent {
  /** Unique in the world; the same for the same invitation. */
  readonly uid: string;
  /** Epoch ms: when this was written. */
  readonly stampedAt: number;
  /** Epoch ms. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly summary: string;
  readonly description: string;
  readonly location: string;
  readonly url?: string;
  /** RFC 5646. */
  readonly language: string;
}

/** A content line has at most so many octets, its end not counted (§3.1). */
const LONGEST_LINE = 75;

const CONTROL = /[\p{Cc}]/gu;

/** TEXT of §3.3.11: what has a meaning is escaped, other control characters are left out. */
export const escaped = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[\\;,]/g, (each) => `\\${each}`)
    .replaceAll('\n', '\\n')
    .replace(CONTROL, '');

/** A long line goes on behind a line break and a space (§3.1); no character is cut in two. */
export function folded(line: string): string {
  const parts: string[] = [];
  let part = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > LONGEST_LINE) {
      parts.push(part);
      part = ' ';
      octets = 1;
    }
    part += character;
    octets += size;
  }
  return [...parts, part].join('\r\n');
}

/** DATE-TIME in UTC (§3.3.5). */
const utc = (epoch: number): string => `${isoMillis(epoch).slice(0, 19).replace(/[-:]/g, '')}Z`;

/** A calendar with this event and nothing else (§3.4). */
export function calendar({ uid, stampedAt, startsAt, endsAt, summary, description, location, url, language }: CalendarEvent): string {
  const tag = /^[A-Za-z0-9-]+$/.test(language) ? `;LANGUAGE=${language}` : '';
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Parley//Conference invitations//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${escaped(uid)}`,
    `DTSTAMP:${utc(stampedAt)}`,
    `DTSTART:${utc(startsAt)}`,
    `DTEND:${utc(endsAt)}`,
    `SUMMARY${tag}:${escaped(summary)}`,
    `DESCRIPTION${tag}:${escaped(description)}`,
    `LOCATION:${escaped(location)}`,
    ...(url === undefined ? [] : [`URL:${url.replace(CONTROL, '')}`]),
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}
