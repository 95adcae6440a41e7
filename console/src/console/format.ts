import { language, locale } from '../kit/i18n.ts';
import { type Forms, fill, formOf } from '../kit/languages.ts';

const dated = (time: string | number): Date => new Date(time);

/** Hours and minutes, and seconds where they matter. */
export const clockTime = (time: string | number, seconds = false): string =>
  dated(time).toLocaleTimeString(locale.value, { hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) });

/** Day and time. */
export const dayTime = (time: string | number): string =>
  dated(time).toLocaleString(locale.value, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });

const two = (part: number): string => String(part).padStart(2, '0');

/** `3:07`, `1:02:09`. */
export function duration(seconds: number): string {
  const all = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60)];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}

/** Since then, until now. */
export const since = (time: string, now: number): string => duration((now - Date.parse(time)) / 1000);

/** `12.3 MB`, `340 kB`. */
export const size = (bytes: number): string =>
  new Intl.NumberFormat(locale.value, {
    style: 'unit',
    unit: bytes < 1e6 ? 'kilobyte' : 'megabyte',
    maximumFractionDigits: bytes >= 1e6 && bytes < 1e7 ? 1 : 0,
  }).format(bytes < 1e6 ? bytes / 1e3 : bytes / 1e6);

export const number = (value: number, digits = 0): string =>
  value.toLocaleString(locale.value, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** `counted({ one: '{count} person', other: '{count} people' }, 3)`. */
export const counted = (forms: Forms, count: number, values: Readonly<Record<string, string>> = {}): string =>
  fill(formOf(forms, count, language.value), { count: number(count), ...values });
