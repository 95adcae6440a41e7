import type { Machine, Step } from '../base/index.ts';
import type { Posted } from './ports.ts';
import type { Delivery } from './webhook.ts';

/**
 * One message on its way to one target, on the schedule of Standard Webhooks. Times are epoch ms.
 *
 *   pending --its time has come--> sending
 *   sending --2xx--> delivered
 *   sending --410 (and the webhook is switched off), or no attempt left--> dead
 *   sending --any other answer, or none--> pending
 *   pending, delivered, dead --somebody wants it sent again--> pending
 *
 * `sending` is never stored: who dies in it finds the message pending and sends it once more.
 */
export type State =
  | { readonly at: 'pending'; readonly attempts: number; readonly dueAt: number; readonly outcome: string | undefined }
  | { readonly at: 'sending'; readonly attempts: number; readonly since: number }
  | { readonly at: 'delivered' | 'dead'; readonly attempts: number; readonly endedAt: number; readonly outcome: string | undefined };

export type Input =
  /** What came of an attempt; `jitter` is a chance from 0 up to, not including, 1. `asVoipbin`: by VoIPBIN's manners. */
  | { readonly type: 'answered'; readonly posted: Posted; readonly jitter: number; readonly asVoipbin?: boolean }
  | { readonly type: 'again' };

export type Effect = { readonly do: 'send' } | { readonly do: 'switch-off'; readonly reason: string };

type Next = Step<State, Effect>;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long after each failed attempt the next one comes, ms; 75 h 35 min in all. */
const PAUSES = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
/** How far a pause may be from that, as a share, so that what failed together does not come back together. */
const SPREAD = 0.1;
/** A target that wants to be left alone for longer is asked again all the same, ms. */
const LONGEST = 24 * HOUR;

const stay = (state: State): Next => ({ state, effects: [] });

/** What an attempt gave, as people read it. */
export function outcomeOf(posted: Posted): string {
  if ('status' in posted) return String(posted.status);
  return 'refused' in posted ? `refused: ${posted.refused}` : posted.failed;
}

/** VoIPBIN tries at 0, 1 and 2 s, before the long schedule begins (rulings "webhook_uri"). */
const VOIPBIN_PAUSES = [SECOND, SECOND, ...PAUSES];
/** Answers after which it is worth trying again, or is said that it is not, also by VoIPBIN's manners. */
const NOT_TAKEN = new Set([408, 410, 429]);

/** Whether an attempt counts as delivered; VoIPBIN takes a refusal for an answer. */
export const isTaken = (posted: Posted, asVoipbin = false): boolean => {
  if (!('status' in posted)) return false;
  const { status } = posted;
  return status >= 200 && (status < 300 || (asVoipbin && status >= 400 && status < 500 && !NOT_TAKEN.has(status)));
};

function answered(attempts: number, { posted, jitter, asVoipbin = false }: Extract<Input, { type: 'answered' }>, now: number): Next {
  const outcome = outcomeOf(posted);
  const end = (at: 'delivered' | 'dead', ...effects: Effect[]): Next => ({ state: { at, attempts, endedAt: now, outcome }, effects });
  if (isTaken(posted, asVoipbin)) return end('delivered');
  if ('status' in posted && posted.status === 410) return end('dead', { do: 'switch-off', reason: 'the target answered 410 Gone' });
  const pause = (asVoipbin ? VOIPBIN_PAUSES : PAUSES)[attempts - 1];
  if (pause === undefined) return end('dead');
  const wished = 'status' in posted ? Math.min(posted.retryAfterMs ?? 0, LONGEST) : 0;
  const own = pause * (1 - SPREAD + 2 * SPREAD * jitter);
  return stay({ at: 'pending', attempts, dueAt: now + Math.ceil(Math.max(own, wished)), outcome });
}

/** The machine; see the drawing. */
export const delivery: Machine<State, Input, Effect> = {
  deadline: (state) => (state.at === 'pending' ? state.dueAt : undefined),
  step(state, input, now) {
    switch (input.type) {
      case 'time':
        if (state.at !== 'pending' || now < state.dueAt) return stay(state);
        return { state: { at: 'sending', attempts: state.attempts + 1, since: now }, effects: [{ do: 'send' }] };
      case 'answered':
        return state.at === 'sending' ? answered(state.attempts, input, now) : stay(state);
      case 'again':
        return state.at === 'sending' ? stay(state) : stay({ at: 'pending', attempts: 0, dueAt: now, outcome: state.outcome });
    }
  },
};

/** The state that a stored message is in. */
export const stateOf = ({ state, attempts, dueAt, outcome }: Delivery): State =>
  state === 'pending' ? { at: state, attempts, dueAt, outcome } : { at: state, attempts, endedAt: dueAt, outcome };

/** A message in another state, as it is stored. */
export function inState({ outcome: _, ...message }: Delivery, state: Exclude<State, { at: 'sending' }>): Delivery {
  const { at, attempts, outcome } = state;
  return {
    ...message,
    state: at,
    attempts,
    dueAt: at === 'pending' ? state.dueAt : state.endedAt,
    ...(outcome === undefined ? {} : { outcome }),
  };
}
