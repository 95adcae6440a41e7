import type { AccountId } from '../accounts/index.ts';
import { Failure, type Json, type Log, Runner } from '../base/index.ts';
import {
  type CallId,
  type ConferenceId,
  type EntryStage,
  type LeaveReason,
  type LegId,
  lobbyOf,
  type Place,
  type Refusal,
} from '../conference/index.ts';
import type { MediaSilence } from '../media/index.ts';
import type { Agreed } from '../sdp/index.ts';
import type { SipRequest } from '../sip/index.ts';
import { BrowserEnd } from './browsers/browser-end.ts';
import { callMachine, type Effect, type Input, type State } from './call.machine.ts';
import type { CallOpening } from './call-opening.ts';
import { legFor } from './call-values.ts';
import { roundedQuality } from './cdr.ts';
import type { FarEnd, Words } from './far-end.ts';
import type { CallSide } from './invite-usage.ts';
import { type KeyPress, KeysOnce } from './keys-once.ts';
import { legChange, localOf, MediaSession } from './media-session.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { silenceCause } from './silence-cause.ts';
import { SipEnd } from './sip-end.ts';
import { headersOf, statusOf } from './status.ts';
import type { Surroundings } from './surroundings.ts';

/** One call: its life, its leg, and what the domain hears of it. How one speaks with its far end is that end's affair. */
export class Call {
  readonly id: CallId;
  readonly #opening: CallOpening;
  readonly #keys = new KeysOnce();
  readonly #around: Surroundings;
  readonly #runner: Runner<State, Input, Effect>;
  readonly #log: Log;
  readonly #leg: LegId;
  /** Where the domain has it: a conference, or its lobby. */
  #place: ConferenceId;
  /** The conference that its Contact speaks for: where it takes part, or will most likely. */
  #focus: ConferenceId | undefined;
  readonly #far: FarEnd;
  #held = false;
  /** Why the call that the domain had let in could not be taken. */
  #refusal: Refusal | undefined;
  /** Why it is not taken, for who can read it. */
  #why: Words | undefined;
  /** The INVITE's final status. */
  #status = 200;
  #recorded: Promise<void> = Promise.resolve();
  #joined: Promise<void> = Promise.resolve();
  #kept: Promise<void> = Promise.resolve();
  #told: Promise<void> = Promise.resolve();

  constructor(opening: CallOpening, around: Surroundings) {
    this.id = opening.id;
    this.#leg = opening.id as string as LegId;
    this.#opening = opening;
    this.#place = opening.conference;
    this.#focus = opening.focus;
    this.#around = around;
    this.#log = opening.log;
    this.#far =
      opening.browser === undefined
        ? new SipEnd({ invite: opening.invite, focus: () => this.#focus, around, side: this.#side() })
        : new BrowserEnd({ ...opening.browser, side: this.#side() });
    this.#runner = new Runner(callMachine, { at: opening.connected === undefined ? 'arriving' : 'answering' }, around.clock, (effect) =>
      this.#perform(effect),
    );
  }

  /** Whose it is. */
  get account(): AccountId {
    return this.#opening.account;
  }

  /** It is neither over nor about to be. */
  get isLive(): boolean {
    return this.at !== 'leaving' && this.at !== 'ending' && this.at !== 'gone';
  }

  /** Seconds since it was answered, rounded up; 0 when it is over. */
  secondsAt(now: number): number {
    return this.#opening.cdr.secondsAt(now);
  }

  /** Where the domain has it. */
  get place(): ConferenceId {
    return this.#place;
  }

  /** Where the call is in its life. */
  get at(): State['at'] {
    return this.#runner.state.at;
  }

  /** A call of ours was answered: it is up, and the domain hears of it. */
  begin(): void {
    const { connected } = this.#opening;
    if (connected !== undefined && this.#far instanceof SipEnd) this.#far.begin(connected);
  }

  /** The browser at its far end; undefined: it is a telephone. */
  get browser(): BrowserEnd | undefined {
    return this.#far instanceof BrowserEnd ? this.#far : undefined;
  }

  /** There is sound from now on; before, only what SIP says. */
  connected(): void {
    this.#far.connected();
  }

  /** How far it is on its way into a conference. */
  stage(stage: EntryStage): void {
    this.#far.stage(stage);
  }

  /** The domain lets the call in. */
  answer(): void {
    this.#runner.feed({ type: 'answer' });
  }

  /** It rings somewhere for the caller. */
  ring(): void {
    if (this.at === 'arriving') this.#far.ring();
  }

  /** The domain, or the caller's CANCEL, ends the call. */
  hangUp(reason: LeaveReason, status?: number): void {
    if (reason === 'media-lost' || reason === 'failed') this.#around.failed(reason);
    this.#runner.feed({ type: 'hang-up', reason, status });
    if (this.at === 'leaving') this.#far.hurry();
  }

  /** Nothing can be heard of it any more. */
  lost(why: Words): void {
    this.#why ??= why;
    this.browser?.failed(why);
    this.hangUp('media-lost');
  }

  /** The far end of a call without SIP goes. */
  leave(): void {
    this.#runner.feed({ type: this.at === 'arriving' || this.at === 'opening' ? 'cancel' : 'bye' });
  }

  /** The domain has it in another place from now on; its sound follows. */
  bring(place: Place): void {
    const { conference, participant } = place;
    if (this.at !== 'up') return;
    const { account, cdr } = this.#opening;
    this.#place = conference;
    const moved = this.#around.engine.move(this.#leg, { account, conference }).catch((error: unknown) => {
      if (this.#place === conference && this.at === 'up') this.#log.error('a call could not be moved', { error });
      if (this.#place === conference) this.hangUp('failed');
    });
    this.#around.follow(moved);
    if (participant !== undefined) {
      this.#focus = conference;
      cdr.toward(conference);
      cdr.joined(participant);
    }
    this.#record();
    this.#far.brought(place);
  }

  cancel(cancel: SipRequest): void {
    this.#opening.cdr.said(cancel);
    this.#runner.feed({ type: 'cancel' });
  }

  /** Refuses an INVITE before there is a call. */
  static refuse(invite: ServerTransaction, error: unknown, { failed }: Pick<Surroundings, 'failed'>): void {
    if (!(error instanceof Failure)) throw error;
    failed(String(statusOf(error)));
    invite.respond(statusOf(error), { headers: headersOf(statusOf(error)) });
  }

  /** Forgets its alarms; nothing more is said. */
  abandon(): void {
    this.#far.close();
    this.#runner.close();
  }

  shutDown(): void {
    this.#runner.feed({ type: 'shut-down' });
  }

  /** The domain, or the engine, does not want the call. */
  refuse(error: unknown): void {
    const status = error instanceof Failure ? statusOf(error) : 500;
    if (error instanceof Failure) this.#why = { code: error.code, words: error.message };
    if (!(error instanceof Failure)) this.#log.error('an arriving call broke', { error });
    else if (this.at === 'opening') this.#refusal = { code: error.code, words: error.message };
    this.#runner.feed({ type: 'refuse', status });
  }

  /** A key of the telephone, which may tell it in several ways. */
  digit(press: KeyPress): void {
    if (!this.#keys.take(press, this.#around.clock.now())) return;
    const { key: digit } = press;
    const conference = this.#place;
    this.#around.follow(this.#around.execute('call.digit', { conference, call: this.id, digit }, this.#actor()));
  }

  /** Nothing is heard of the telephone; it may yet be mended, so the call goes on. */
  silent(silence: MediaSilence & { readonly reason: string }): void {
    const ends = this.#far.ends();
    if (ends === undefined || this.at !== 'up') return;
    const cause = silenceCause(silence, ends);
    const reason = cause === undefined ? silence.reason : `${silence.reason}; ${cause}`;
    this.#log.warn('nothing is heard of a call', { reason });
    const conference = this.#place;
    this.#around.follow(this.#around.execute('call.silent', { conference, call: this.id, reason }, this.#actor()));
  }

  /** Nothing comes of the telephone: it may suppress silence, so it is asked. Who holds need not send. */
  quiet(silentMs: number): void {
    if (this.at === 'up' && !this.#held) this.#far.quiet(silentMs);
  }

  /** An ACK of a 2xx of ours. */
  acknowledged(ack: SipRequest): void {
    if (this.#far instanceof SipEnd) this.#far.acknowledged(ack);
  }

  /** A request of the far end in our dialog. */
  receive(transaction: ServerTransaction): void {
    if (this.#far instanceof SipEnd) this.#far.receive(transaction);
    else transaction.respond(481);
  }

  #perform(effect: Effect): void {
    const { follow, failed } = this.#around;
    switch (effect.do) {
      case 'open-leg':
        follow(this.#openLeg());
        return;
      case 'refuse':
        this.#status = effect.status;
        failed(this.#refusal?.code === 'overloaded' ? 'overloaded' : String(effect.status));
        this.#far.refuse(effect.status, this.#why);
        return;
      case 'tell-answered':
        this.#tellAnswered();
        return;
      case 'tell-ended':
        this.#log.info('call ended', { reason: effect.reason, ...(this.#refusal === undefined ? {} : { refusal: this.#refusal }) });
        this.#opening.cdr.ended(effect.reason, this.#status);
        this.#opening.settled?.(this.#refusal ?? { code: 'dial_failed', words: 'the call ended before it was in' });
        this.#tellEnded(effect.reason);
        return;
      case 'refresh':
        this.#far.refresh();
        return;
      case 'send-bye':
        this.#far.bye(effect.reason, () => this.#runner.feed({ type: 'bye-answered' }));
        return;
      case 'end-leg':
        this.#endLeg();
        return;
      case 'forget':
        this.#forget();
    }
  }

  /** The domain makes a participant of it; who that is, the record says. */
  #tellAnswered(): void {
    const { cdr } = this.#opening;
    const conference = this.#place;
    this.#joined = this.#around
      .execute('call.answered', { conference, call: this.id }, this.#actor())
      .then((view) => {
        const participant = view.conference.room?.participants.find((each) => each.call.id === this.id);
        if (participant !== undefined) cdr.joined(participant);
        this.#opening.settled?.(undefined);
      })
      .catch((error: unknown) => {
        this.#log.info('a call was answered in vain', { error });
        this.hangUp('failed');
      });
    this.#around.follow(this.#joined);
  }

  /** The leg goes; how it sounded last is told once and stands in the record, which is kept now. */
  #endLeg(): void {
    const { engine, follow } = this.#around;
    const heard = engine.end(this.#leg).catch((error: unknown) => {
      this.#log.error('a leg was not ended', { error });
      return undefined;
    });
    this.#kept = Promise.all([heard, this.#joined]).then(([last]) => {
      if (last !== undefined && last.packetsIn > 0) this.#log.info('call quality', roundedQuality(last));
      return this.#opening.cdr.write(last);
    });
    follow(this.#kept);
  }

  /** Told until the domain has heard it, so that nobody stays in a room for ever; the record stays as long. */
  #tellEnded(reason: LeaveReason): void {
    const { execute, follow, insist } = this.#around;
    const refusal = this.#refusal === undefined ? {} : { refusal: this.#refusal };
    if (this.#refusal !== undefined) this.#opening.refused?.(this.#refusal);
    const told = insist(() => execute('call.ended', { conference: this.#place, call: this.id, reason, ...refusal }, this.#actor()));
    this.#told = told.catch((error: unknown) => {
      // What the domain judged is settled; anything else the next start tells again, from the record.
      if (!(error instanceof Failure) || error.kind === 'unavailable') throw error;
      this.#log.info('the end of a call was refused', { error });
    });
    follow(this.#told);
  }

  async #openLeg(): Promise<void> {
    const { engine, address } = this.#around;
    const { account, wishes } = this.#opening;
    const conference = this.#place;
    try {
      const { offer, wantsBrowser } = this.#far;
      const far = offer === '' ? { webrtc: wantsBrowser } : legFor(offer, wishes);
      const mayMove = conference === lobbyOf(this.id);
      const place = await engine.open({ leg: this.#leg, account, conference, address, ...far, ...(mayMove ? { mayMove } : {}) });
      if (this.at !== 'opening') {
        await engine.end(this.#leg);
        return;
      }
      const media = new MediaSession(localOf(place, this.#around), wishes, () => engine.iceCredentials());
      const status = this.#far.accept(media);
      if (status !== undefined) this.#runner.feed({ type: 'refuse', status });
    } catch (error) {
      this.refuse(error);
    }
  }

  #side(): CallSide {
    return {
      at: () => this.at,
      feed: (input) => this.#feed(input),
      fail: () => this.hangUp('failed'),
      vanished: () => this.isLive && this.hangUp('media-lost'),
      dialled: this.#opening.dialled,
      digit: (key) => this.digit({ key, way: 'info', ms: 0 }),
      farewell: (bye) => this.#opening.cdr.said(bye),
      settle: (agreed) => this.#settle(agreed),
      changed: () => this.#record(),
      subscribed: (transaction, line) => this.#opening.subscribed(transaction, line),
      referred: (transaction, line) => this.#opening.referred(transaction, line),
    };
  }

  #feed(input: Input): void {
    if (input.type === 'ack') this.#opening.cdr.answered();
    this.#runner.feed(input);
  }

  /** The engine follows what was agreed on, and the domain hears of hold and resume. */
  #settle(agreed: Agreed): void {
    const { engine, follow, execute } = this.#around;
    engine.change(this.#leg, legChange(agreed));
    this.#opening.cdr.agreed(agreed);
    if (agreed.held === this.#held || this.at !== 'up') return;
    this.#held = agreed.held;
    follow(execute('call.held', { conference: this.#place, call: this.id, held: agreed.held }, this.#actor()));
  }

  /** Keeps the call for the next start; puts and the final removal stay in order. */
  #record(): void {
    const { engine, records, follow } = this.#around;
    const { account, cdr } = this.#opening;
    const dialog = this.#far.json();
    if (dialog === undefined) return;
    // Whoever is told that the call is up says who it became; the record waits for it rather than being written twice.
    this.#recorded = Promise.all([this.#recorded, this.#joined])
      .then(async () => {
        const leg = ((await engine.record(this.#leg)) ?? null) as Json;
        if (this.at !== 'gone')
          await records.put({ id: this.id, account, conference: this.#place, dialog: { ...dialog, cdr: cdr.json() }, leg });
      })
      .catch((error: unknown) => this.#log.error('a call was not recorded', { error }));
    follow(this.#recorded);
  }

  #forget(): void {
    this.#far.close();
    this.#runner.close();
    const removed = Promise.all([this.#recorded, this.#told, this.#kept]).then(() =>
      this.#far.json() === undefined ? undefined : this.#around.records.remove(this.id),
    );
    // Whatever failed is logged where it is followed; the record then stays for the next start.
    this.#around.follow(removed.catch(() => {}));
    this.#opening.gone();
  }

  #actor() {
    return { account: this.#opening.account, kind: 'call' } as const;
  }
}
