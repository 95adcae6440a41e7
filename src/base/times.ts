const two = (n: number): string => String(n).padStart(2, '0');

/** ISO 8601 in UTC with whole seconds; `epoch` is in ms. Days to date as in Howard Hinnant's `civil_from_days`. */
export function isoTime(epoch: number): string {
  const seconds = Math.floor(epoch / 1000);
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const clock = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}Z`;
}

/** The same with milliseconds; `epoch` is in ms. */
export const isoMillis = (epoch: number): string =>
  isoTime(epoch).replace('Z', `.${String(Math.floor(epoch) - 1000 * Math.floor(epoch / 1000)).padStart(3, '0')}Z`);

/** Days from 1970 to a date, `month` from 1, as in Howard Hinnant's `days_from_civil`. */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

const offsetOf = (zone: string): number =>
  /^z$/i.test(zone) ? 0 : (zone.startsWith('-') ? -1 : 1) * (60 * Number(zone.slice(1, 3)) + Number(zone.slice(4)));

/** Reads a date and time with its zone (RFC 3339 §5.6) as epoch ms; undefined when it is none. */
export function readTime(text: string): number | undefined {
  const [, year, month, day, hour, minute, second, fraction = '0', zone = 'Z'] = ISO.exec(text) ?? [];
  if (year === undefined) return undefined;
  const seconds = (Number(hour) * 60 + Number(minute) - offsetOf(zone)) * 60 + Number(second);
  const epoch = (daysOf(Number(year), Number(month), Number(day)) * 86_400 + seconds) * 1000 + Math.floor(Number(fraction) * 1000);
  // A day, hour or minute that there is not comes back as another one.
  const isReal = isoTime(epoch + offsetOf(zone) * 60_000).slice(0, 19) === text.slice(0, 19).replace(/[t ]/, 'T');
  return isReal ? epoch : undefined;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Reads a date as HTTP writes it now, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7), as epoch ms; undefined when it is none. */
export function readHttpDate(text: string): number | undefined {
  const [, day = '', month = '', year, time] = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) GMT$/.exec(text) ?? [];
  const number = MONTHS.indexOf(month) + 1;
  return number === 0 ? undefined : readTime(`${year}-${two(number)}-${day}T${time}Z`);
}
