import type { Refusal } from '../../conference/index.ts';
import type { SipResponse } from '../../sip/index.ts';

const refusal = (code: string, words: string, status: number): Refusal => ({ code, words, status });

/** Nobody took the call in time. */
export const unanswered = (): Refusal => refusal('dial_unanswered', 'nobody answered in time', 408);
/** There is no way to whom it was for. */
export const unreachable = (words: string): Refusal => refusal('dial_unreachable', words, 480);
/** It was cancelled before somebody answered. */
export const cancelled = (): Refusal => refusal('dial_cancelled', 'the call was cancelled before it was answered', 487);
/** Nothing that both can do. */
export const disagreed = (words: string): Refusal => refusal('dial_refused', words, 488);

const BUSY = new Set([486, 600]);
const DECLINED = new Set([603, 607, 608]);
const GONE = new Set([404, 410, 480, 484, 485, 604]);

/** What a final answer that is no success means; undefined: no answer came. */
export function refusalOfAnswer(answer: Pick<SipResponse, 'status'> | undefined): Refusal {
  if (answer === undefined) return refusal('dial_unreachable', 'the far end does not answer', 408);
  const { status } = answer;
  if (BUSY.has(status)) return refusal('dial_busy', 'the far end is busy', status);
  if (DECLINED.has(status)) return refusal('dial_declined', 'the far end declined the call', status);
  if (GONE.has(status)) return refusal('dial_unreachable', 'nobody can be reached there', status);
  if (status === 408) return refusal('dial_unanswered', 'nobody answered in time', status);
  if (status >= 500 && status < 600) return refusal('dial_unreachable', 'the far end cannot take calls now', status);
  return refusal('dial_refused', 'the far end refused the call', status);
}

/** How much a refusal says, the most first (RFC 3261 §16.7, as far as a caller is concerned). */
const RANK = ['dial_declined', 'dial_busy', 'dial_unanswered', 'dial_refused', 'dial_unreachable'];

/** The one of several refusals that is told. */
export const bestRefusal = (all: readonly Refusal[]): Refusal =>
  [...all].sort((one, other) => RANK.indexOf(one.code) - RANK.indexOf(other.code))[0] ?? unreachable('nobody can be reached there');

/** KAZOO's hangup cause of a refusal, as its dial answers spell it. */
export const isTemporary = (answer: Pick<SipResponse, 'status'> | undefined): boolean =>
  answer === undefined || answer.status === 408 || (answer.status >= 500 && answer.status < 600);
