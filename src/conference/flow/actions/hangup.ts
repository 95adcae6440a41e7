import { act } from '../act.ts';
import { textOf } from './option.ts';

/** What an INVITE hears that was never answered, by VoIPBIN's reasons (voipbin-facts §2.6). */
const STATUS: Readonly<Record<string, number>> = { busy: 486, cancel: 487, failed: 500, timeout: 408, noanswer: 480, dialout: 403 };

/** Ends the call, and with it the flow. */
export const hangup = act({
  answers: false,
  read: (option) => textOf(option, 'reason'),
  begin: (reason) => ({ turn: 'end', status: STATUS[reason] ?? 480 }),
});

/** Ends the flow; a call without one is hung up. */
export const stop = act({ answers: false, read: () => undefined, begin: () => ({ turn: 'end' }) });
