import { isoMillis, readTime } from '../../base/index.ts';

/** What stands for a time that has not come (rulings "VoIPBIN v1.0"). */
export const NEVER = '9999-01-01 00:00:00.000000';

/** What stands for no id. */
export const NIL = '00000000-0000-0000-0000-000000000000';

/**
 * Microseconds since 1970 of something that was made at a millisecond: its id decides on the rest, so that two things of one millisecond hardly ever have the same
 * time, and always the same one.
 */
export function micros(epoch: number, id: string): number {
  let sum = 0;
  for (let i = 0; i < id.length; i++) sum = (sum * 31 + id.charCodeAt(i)) % 1000;
  return Math.floor(epoch) * 1000 + sum;
}

/** `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, of microseconds. */
export const stampOfMicros = (at: number): string =>
  `${isoMillis(Math.floor(at / 1000))
    .replace('T', ' ')
    .replace('Z', '')}${String(at % 1000).padStart(3, '0')}`;

/** The same of epoch ms; undefined: never. */
export const stamp = (epoch: number | undefined): string => (epoch === undefined ? NEVER : stampOfMicros(Math.floor(epoch) * 1000));

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/;

/** Reads a time in any of the spellings that VoIPBIN has had (voipbin-facts §7) as microseconds; undefined: it is none. */
export function readStamp(text: string): number | undefined {
  const [, day, time, fraction = '', zone = 'Z'] = TIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  const seconds = readTime(`${day}T${time}${zone}`);
  return seconds === undefined ? undefined : seconds * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
