import { act } from '../act.ts';
import { DIGITS, mapOf, numberOf, textOf } from './option.ts';

/** Goes on elsewhere, so many times; then with the next action. */
export const goto = act({
  answers: false,
  read: (option) => ({
    to: textOf(option, 'target_id'),
    loops: numberOf(option, 'loop_count', { least: 0, most: Number.MAX_SAFE_INTEGER, otherwise: 0 }),
  }),
  begin: ({ to, loops }, { times }) => (times <= loops && to !== '' ? { turn: 'go', to } : { turn: 'go' }),
});

/** Goes on where the value of a variable says, and forgets the value. */
export const branch = act({
  answers: false,
  read: (option) => ({
    variable: textOf(option, 'variable') || DIGITS,
    otherwise: textOf(option, 'default_target_id'),
    targets: mapOf(option, 'target_ids'),
  }),
  begin({ variable, otherwise, targets }, { variables, ahead }) {
    const value = variables[variable] ?? '';
    const to = (Object.hasOwn(targets, value) ? targets[value] : undefined) ?? otherwise;
    const taken = variable === DIGITS ? ahead.length : 0;
    return { turn: 'go', variables: { [variable]: undefined }, taken, ...(to === '' ? {} : { to }) };
  },
});
