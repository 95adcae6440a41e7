import { isoTime, type JsonObject } from '../../../base/index.ts';
import { type AnyAct, type Around, act } from '../act.ts';
import { DAY, DIGITS, numberOf, textOf } from './option.ts';

/** Whether two values stand so to one another; anything unknown is never so. */
function compares<Value extends string | number>(condition: string, one: Value, other: Value): boolean {
  switch (condition) {
    case '==':
      return one === other;
    case '!=':
      return one !== other;
    case '>':
      return one > other;
    case '>=':
      return one >= other;
    case '<':
      return one < other;
    case '<=':
      return one <= other;
    default:
      return false;
  }
}

/** Goes on with the next action where it holds, else with `false_target_id`. */
const condition = (holds: (option: JsonObject, around: Around) => boolean): AnyAct =>
  act<JsonObject, undefined>({
    answers: false,
    read: (option) => option,
    begin(option, around) {
      const to = textOf(option, 'false_target_id');
      return holds(option, around) || to === '' ? { turn: 'go' } : { turn: 'go', to };
    },
  });

/** A variable against a value: as text, as number, or its length. */
export const conditionVariable = condition((option, { variables }) => {
  const value = variables[textOf(option, 'variable')] ?? '';
  const how = textOf(option, 'condition');
  switch (textOf(option, 'value_type')) {
    case 'number':
      return value.trim() !== '' && compares(how, Number(value), numberOf(option, 'value_number', ANY));
    case 'length':
      return compares(how, value.length, numberOf(option, 'value_length', ANY));
    default:
      return compares(how, value, textOf(option, 'value_string'));
  }
});

const ANY = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY, otherwise: 0 };

/** The time of day, the day, the month, UTC. Left out: hour and minute are 0 (the original does so), day and month any; -1 is any. */
export const conditionDatetime = condition((option, { epoch }) => {
  const [month = 0, day = 0, hour = 0, minute = 0] = isoTime(epoch)
    .split(/[-T:Z]/)
    .slice(1)
    .map(Number);
  // The first day of all, in 1970, was a Thursday.
  const weekday = (Math.floor(epoch / DAY) + 4) % 7;
  const how = textOf(option, 'condition');
  const weekdays = Array.isArray(option['weekdays']) ? option['weekdays'] : [];
  if (weekdays.length > 0 && !weekdays.includes(weekday)) return false;
  const parts: readonly [number, number][] = [
    [month, numberOf(option, 'month', ANY) || -1],
    [day, numberOf(option, 'day', ANY) || -1],
    [hour, numberOf(option, 'hour', ANY)],
    [minute, numberOf(option, 'minute', ANY)],
  ];
  return parts.every(([is, wanted]) => wanted < 0 || compares(how, is, wanted));
});

/** Keys that were received: how many, or one of them. */
export const conditionCallDigits = condition((option, { variables }) => {
  const digits = variables[DIGITS] ?? '';
  const length = numberOf(option, 'length', ANY);
  const key = textOf(option, 'key');
  return (length > 0 && digits.length >= length) || (key !== '' && [...key].some((each) => digits.includes(each)));
});

/** Whether the call is up (`progressing`) or not yet (`ringing`, `dialing`). */
export const conditionCallStatus = condition((option, { isUp, call }) => {
  const status = isUp ? 'progressing' : call?.direction === 'inbound' ? 'ringing' : 'dialing';
  return call !== undefined && textOf(option, 'status') === status;
});
