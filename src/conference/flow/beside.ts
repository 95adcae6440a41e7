import type { AccountId } from '../../accounts/index.ts';
import { Failure, type Log } from '../../base/index.ts';
import type { Call } from '../conference.ts';
import type { CallId } from '../ids.ts';
import type { Telephony } from '../ports.ts';
import type { RunEffect } from './act.ts';
import type { PhoneCalls } from './phone-calls.ts';
import type { ExternalMedia } from './ports.ts';

/** What a flow has done while it goes on; nobody waits for it, and what is refused is for the log. */
export type BesideEffect = Extract<
  RunEffect,
  {
    readonly do:
      | 'call'
      | 'mute'
      | 'record'
      | 'stop-recording'
      | 'transcribe'
      | 'stop-transcribing'
      | 'transcribe-recordings'
      | 'stream'
      | 'stop-streams';
  }
>;

/** What is needed for it. */
export interface BesideNeeds {
  readonly account: AccountId;
  readonly call: Call;
  readonly log: Log;
  readonly telephony: Pick<Telephony, 'hangUp'>;
  readonly phones: (() => PhoneCalls) | undefined;
  readonly external: ExternalMedia | undefined;
}

/** Everything that a flow starts beside its call: other calls, recordings, transcripts, media of others. */
export class Beside {
  readonly #needs: BesideNeeds;
  /** Calls that end with this one. */
  readonly #chained: CallId[] = [];
  readonly #streams = new Set<() => void>();
  /** What is begun behind something else waits for it, so that a stop never overtakes its start. */
  #turn: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(needs: BesideNeeds) {
    this.#needs = needs;
  }

  perform(effect: BesideEffect): void {
    // Calls are made all at once.
    const before = effect.do === 'call' ? Promise.resolve() : this.#turn;
    const done = before
      .then(async () => void (await this.#do(effect)))
      .catch((error: unknown) => {
        const what = effect.do;
        if (error instanceof Failure)
          this.#needs.log.info('something beside a flow was not done', { what, code: error.code, words: error.message });
        else this.#needs.log.error('something beside a flow broke', { what, error });
      });
    if (effect.do !== 'call') this.#turn = done;
  }

  /** The call is gone. */
  over(): void {
    this.#isOver = true;
    for (const each of this.#chained.splice(0)) this.#needs.telephony.hangUp(each, 'flow-ended');
    this.#endStreams();
  }

  async #do(effect: BesideEffect): Promise<unknown> {
    const { account, call } = this.#needs;
    const phones = this.#needs.phones?.();
    if (phones === undefined || (this.#isOver && effect.do !== 'call')) return;
    switch (effect.do) {
      case 'call':
        return this.#call(phones, effect);
      case 'mute':
        return phones.mute(account, call.id, { direction: 'in', on: true });
      case 'record':
        return phones.record(account, call.id, effect.wish);
      case 'stop-recording':
        return phones.stopRecording(account, call.id);
      case 'transcribe':
        return phones.transcribe(account, call.id, effect.wish);
      case 'stop-transcribing':
        return phones.stopTranscribing(account, call.id);
      case 'transcribe-recordings':
        return phones.transcribeRecordings(account, call.id, effect.wish);
      case 'stream':
        return this.#stream(effect);
      case 'stop-streams':
        return this.#endStreams();
    }
  }

  async #call(phones: PhoneCalls, { target, actions, callerId, chained }: Extract<BesideEffect, { do: 'call' }>): Promise<void> {
    const { account, call, telephony } = this.#needs;
    const made = await phones.make({ account, target, plan: { actions }, source: callerId, master: call.id });
    if (!chained) return;
    if (this.#isOver) telephony.hangUp(made.id, 'flow-ended');
    else this.#chained.push(made.id);
  }

  async #stream({ wish }: Extract<BesideEffect, { do: 'stream' }>): Promise<void> {
    const { account, call, external } = this.#needs;
    if (external === undefined) throw new Failure('unavailable', 'no_external_media', 'this server opens no media of others');
    const end = await external.open(account, call.id, wish);
    if (this.#isOver) end();
    else this.#streams.add(end);
  }

  #endStreams(): void {
    for (const end of this.#streams) end();
    this.#streams.clear();
  }
}
