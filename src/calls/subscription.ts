import { Failure, Runner } from '../base/index.ts';
import { type Headers, header, type SipResponse } from '../sip/index.ts';
import { deletedDocument, nextDocument, type Roster } from './conference-info.ts';
import type { DialogLine } from './dialog-line.ts';
import type { FinalAnswer } from './server-transaction.ts';
import { begun, type Effect, type EndReason, type Input, type State, subscription } from './subscription.machine.ts';
import type { Surroundings } from './surroundings.ts';

/** What its documents are (RFC 4575 §3.4). */
export const DOCUMENT = 'application/conference-info+xml';

/** Bytes of users in one document: a datagram holds 65 507 of all; connections hold more than a telephone wants at once. */
const DATAGRAM_ROOM = 40_000;
const STREAM_ROOM = 200_000;
/** What a subscriber is told to wait, in seconds, when the server stops. */
const PROBATION = 5;

/** What a subscription lives on. */
export interface SubscriptionNeeds {
  readonly around: Pick<Surroundings, 'clock' | 'follow'>;
  readonly line: Pick<DialogLine, 'ask' | 'answered' | 'flow'>;
  /** The Event header of its SUBSCRIBE, which its NOTIFYs repeat. */
  readonly event: string;
  /** The URI of the conference. */
  readonly entity: string;
  /** What can be told now. Refuses with not-found when there is no such conference any more. */
  readonly roster: () => Promise<Roster>;
  /** Nothing is left of it. */
  readonly gone: () => void;
}

/** One subscriber of a conference's state: what he knows of it, and the NOTIFYs that tell him the rest. */
export class Subscription {
  readonly #needs: SubscriptionNeeds;
  readonly #runner: Runner<State, Input, Effect>;
  #knows: Roster | undefined;
  #version = 0;
  #closed = false;

  /** `expires` is in ms; 0 asks once. Nothing is told before `begin`. */
  constructor(needs: SubscriptionNeeds, expires: number) {
    this.#needs = needs;
    const { clock } = needs.around;
    this.#runner = new Runner(subscription, begun(clock.now(), expires), clock, (effect) => this.#perform(effect));
  }

  /** The first SUBSCRIBE is answered. */
  begin(): void {
    this.#perform(this.#runner.state.at === 'ending' ? { do: 'finish', reason: 'timeout' } : { do: 'notify', what: 'everything' });
  }

  /** A further SUBSCRIBE is answered; ms. */
  refreshed(expires: number): void {
    this.#runner.feed({ type: 'refreshed', expires });
  }

  /** The conference is not as it was. */
  changed(): void {
    this.#runner.feed({ type: 'changed' });
  }

  end(reason: EndReason): void {
    this.#runner.feed({ type: 'end', reason });
  }

  /** The server stops: says so once, if it can be said now, and forgets its alarms. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { at } = this.#runner.state;
    this.#runner.close();
    if (at === 'resting' || at === 'waiting') this.#say(stateOf('probation'), undefined, () => {});
  }

  #perform(effect: Effect): void {
    if (effect.do === 'forget') {
      this.#runner.close();
      this.#needs.gone();
    } else this.#needs.around.follow(effect.do === 'notify' ? this.#notify(effect.what) : this.#finish(effect.reason));
  }

  async #notify(what: 'everything' | 'changes'): Promise<void> {
    const now = await this.#roster();
    const { state } = this.#runner;
    if (this.#closed || state.at !== 'telling') return;
    if (now === undefined) {
      this.#runner.feed({ type: 'end', reason: 'noresource' });
      this.#runner.feed({ type: 'answered' });
      return;
    }
    if (what === 'everything') this.#knows = undefined;
    const next = nextDocument({ knows: this.#knows, now, version: this.#version + 1, room: this.#room() });
    if (next === undefined) {
      this.#runner.feed({ type: 'answered' });
      return;
    }
    this.#version += 1;
    this.#knows = next.knows;
    if (next.more) this.#runner.feed({ type: 'changed' });
    const left = Math.max(0, Math.round((state.expiresAt - this.#needs.around.clock.now()) / 1000));
    this.#say(`active;expires=${left}`, next.xml, (answer) => this.#answered(answer));
  }

  async #finish(reason: EndReason): Promise<void> {
    const now = reason === 'timeout' ? await this.#roster() : undefined;
    if (this.#closed || this.#runner.state.at !== 'ending') return;
    const isOver = reason === 'noresource' || (reason === 'timeout' && now === undefined);
    this.#version += 1;
    const full = now && nextDocument({ knows: undefined, now, version: this.#version, room: this.#room() });
    const body = isOver ? deletedDocument(this.#needs.entity, this.#version) : full?.xml;
    this.#say(stateOf(isOver ? 'noresource' : reason), body, (answer) => this.#answered(answer));
  }

  /** Undefined: there is no such conference any more. */
  async #roster(): Promise<Roster | undefined> {
    try {
      return await this.#needs.roster();
    } catch (error) {
      if (error instanceof Failure && error.kind === 'not-found') return undefined;
      // Whoever cannot be told what there is must ask again.
      this.#runner.feed({ type: 'refused' });
      throw error;
    }
  }

  #room(): number {
    return this.#needs.line.flow.transport === 'UDP' ? DATAGRAM_ROOM : STREAM_ROOM;
  }

  #say(state: string, body: string | undefined, done: (answer: FinalAnswer) => void): void {
    const headers: Headers = [
      ['Event', this.#needs.event],
      ['Subscription-State', state],
      ...(body === undefined ? [] : [['Content-Type', DOCUMENT] as const]),
    ];
    this.#needs.line.ask('NOTIFY', { headers, ...(body === undefined ? {} : { body }) }, done);
  }

  /** RFC 6665 §4.2.2: who says when to come back is only busy; every other refusal, and silence, ends the subscription. */
  #answered(answer: FinalAnswer): void {
    if (answer === undefined || isRefusal(answer)) {
      this.#runner.feed({ type: 'refused' });
      return;
    }
    this.#needs.line.answered(answer);
    if (answer.status >= 300) {
      // He did not take it: he is told everything again.
      this.#knows = undefined;
      this.#runner.feed({ type: 'changed' });
    }
    this.#runner.feed({ type: 'answered' });
  }
}

const isRefusal = (answer: SipResponse): boolean =>
  answer.status >= 300 && (answer.status === 481 || header(answer, 'Retry-After') === undefined);

const stateOf = (reason: EndReason): string => `terminated;reason=${reason}${reason === 'probation' ? `;retry-after=${PROBATION}` : ''}`;
