import { act } from '../act.ts';
import { textOf } from './option.ts';

/** Sets a variable; those that begin with `voipbin.` are not the client's (voipbin-facts §4.3). */
export const variableSet = act({
  answers: false,
  read: (option) => ({ key: textOf(option, 'key'), value: textOf(option, 'value') }),
  begin({ key, value }) {
    if (key === '' || key.startsWith('voipbin.')) return { turn: 'go', failed: 'this variable cannot be set' };
    return { turn: 'go', variables: { [key]: value } };
  },
});
