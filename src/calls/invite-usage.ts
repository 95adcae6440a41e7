import { type JsonObject, Runner } from '../base/index.ts';
import type { LeaveReason } from '../conference/index.ts';
import type { Agreed } from '../sdp/index.ts';
import {
  type AcceptanceEffect,
  type AcceptanceInput,
  type AcceptanceState,
  acceptance,
  agreedSessionTimer,
  answerSessionTimer,
  dialogFromInvite,
  type Headed,
  type Headers,
  type SipRequest,
  type SipResponse,
} from '../sip/index.ts';
import type { Input, SessionTimes, State } from './call.machine.ts';
import { bodyOf, refusalOf, SDP } from './call-values.ts';
import { ALLOW } from './check-request.ts';
import type { Connected } from './dialling/attempt.ts';
import { DialogLine } from './dialog-line.ts';
import { DTMF_TYPES, digitOf } from './dtmf.ts';
import { isTranslated } from './flow.ts';
import { HealthCheck } from './health-check.ts';
import type { MediaSession } from './media-session.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { SessionRefresh } from './session-refresh.ts';
import type { SilentCall } from './silence-cause.ts';
import { dialogHeaders, type Surroundings } from './surroundings.ts';

/** The call around a dialog. */
export interface CallSide {
  readonly at: () => State['at'];
  readonly feed: (input: Input) => void;
  /** Nothing can be agreed on any more. */
  readonly fail: () => void;
  /** The far end is not there any more. */
  readonly vanished: () => void;
  /** The dialog exists from now on, under this key. */
  readonly dialled: (key: string) => void;
  readonly digit: (digit: string) => void;
  /** The far end's BYE. */
  readonly farewell: (bye: SipRequest) => void;
  /** This holds from now on. */
  readonly settle: (agreed: Agreed) => void;
  /** A SUBSCRIBE of the far end, which the dialog has taken note of. */
  readonly subscribed: (transaction: ServerTransaction, line: DialogLine) => void;
  /** A REFER of the far end, likewise. */
  readonly referred: (transaction: ServerTransaction, line: DialogLine) => void;
  /** What is stored must be stored anew. */
  readonly changed: () => void;
}

/** What a usage is made of. */
export interface UsageNeeds {
  /** What the far end said of itself: its INVITE, or its 2xx to ours. */
  readonly far: Headed;
  /** The conference that it speaks for, as of now. */
  readonly focus: () => string | undefined;
  readonly media: MediaSession;
  readonly around: Surroundings;
  readonly side: CallSide;
}

/** What happens in a dialog after its INVITE was let in (the "invite usage" of RFC 5057): 200 and ACK, re-INVITE, UPDATE, INFO, refresh, BYE. */
export class InviteUsage {
  readonly #needs: UsageNeeds;
  readonly #refresh: SessionRefresh;
  readonly #health: HealthCheck;
  #line: DialogLine | undefined;
  #acceptance: Runner<AcceptanceState, AcceptanceInput, AcceptanceEffect> | undefined;
  /** Our offer went out in a 2xx; its answer comes in the ACK. */
  #offered = false;

  constructor(needs: UsageNeeds) {
    this.#needs = needs;
    this.#refresh = new SessionRefresh(needs.far, {
      now: () => needs.around.clock.now(),
      description: () => needs.media.description,
      ask: (method, what, done) => this.#line?.ask(method, what, done),
      acknowledge: (answer) => this.#line?.acknowledge(answer),
      outcome: (outcome) => {
        if (outcome.type === 'refreshed') this.#refreshed(outcome.answer);
        else if (outcome.type === 'lost') needs.side.fail();
        else if (outcome.type === 'later') needs.side.feed({ type: 'refresh-later' });
      },
    });
    this.#health = new HealthCheck({
      now: () => needs.around.clock.now(),
      ask: (done) => this.#line?.ask('OPTIONS', { headers: [['Accept', 'application/sdp']] }, done),
      lost: () => needs.side.vanished(),
    });
  }

  /** Answers the INVITE with 200; gives the status that refuses it when that cannot be. */
  accept(invite: ServerTransaction): number | undefined {
    const { media, around, side, focus } = this.#needs;
    const { request, flow } = invite;
    const outcome = request.body.length > 0 ? media.answer(bodyOf(request)) : undefined;
    if (outcome !== undefined && 'refused' in outcome) return 488;
    this.#offered = outcome === undefined;
    const timer = answerSessionTimer(request);
    if ('timer' in timer) this.#refresh.agree(timer.timer);
    // Sound may come before the ACK; whoever offered is listening already (RFC 3264 §6).
    if (outcome !== undefined) side.settle(outcome.agreed);
    const headers: Headers = [...dialogHeaders(around, flow, { secure: isSips(request), focus: focus() }), ...timer.headers, ...SDP];
    const response = invite.respond(200, { headers, body: Buffer.from(outcome?.text ?? media.offer()) });
    const dialog = dialogFromInvite(request, response);
    if (dialog === undefined) return 400;
    this.#line = new DialogLine(dialog, { flow, translated: isTranslated(request, flow), focus }, around);
    side.dialled(this.#line.key);
    side.feed({ type: 'opened' });
    this.#awaitAck(response, invite.again);
    side.changed();
    return undefined;
  }

  /** Goes on with an INVITE of ours that was answered, and acknowledged. */
  begin({ line, answer, agreed }: Connected): void {
    const { side } = this.#needs;
    this.#line = line;
    const timer = agreedSessionTimer(answer);
    // The timer is kept as the far end's transaction would say it.
    if (timer !== undefined) this.#refresh.agree({ ...timer, refresher: timer.refresher === 'uac' ? 'uas' : 'uac' });
    side.dialled(line.key);
    side.settle(agreed);
    side.feed({ type: 'ack', session: this.#refresh.times() });
    // Only who is up can hold.
    if (agreed.held) side.settle(agreed);
    side.changed();
  }

  /** An ACK of a 2xx of ours. */
  acknowledged(ack: SipRequest): void {
    const { media, side } = this.#needs;
    if (this.#acceptance?.state.at !== 'waiting') return;
    this.#acceptance.feed({ type: 'ack' });
    if (this.#offered) {
      this.#offered = false;
      if ('refused' in media.accept(bodyOf(ack))) {
        side.feed({ type: 'ack', session: undefined });
        side.fail();
        return;
      }
    }
    const wasUp = side.at() === 'up';
    side.feed({ type: 'ack', session: this.#refresh.times() });
    if (side.at() === 'up') this.#settle();
    if (!wasUp) side.changed();
  }

  /** A request of the far end. */
  receive(transaction: ServerTransaction): void {
    const { request, flow, respond } = transaction;
    const { side } = this.#needs;
    const refused = this.#line === undefined ? 481 : this.#line.receive(request, flow);
    if (refused !== undefined) return void respond(refused);
    if (request.method === 'BYE') {
      respond(200);
      side.farewell(request);
      side.feed({ type: 'bye' });
    } else if (side.at() === 'ending') respond(481);
    else if (request.method === 'INFO') this.#info(transaction);
    else if (request.method === 'INVITE' || request.method === 'UPDATE') this.#renegotiate(transaction);
    else if (request.method === 'SUBSCRIBE' && this.#line !== undefined) side.subscribed(transaction, this.#line);
    else if (request.method === 'REFER' && this.#line !== undefined) side.referred(transaction, this.#line);
    else respond(405, { headers: [['Allow', ALLOW]] });
  }

  /** The session timer asks for a refresh. */
  refresh(): void {
    this.#refresh.refresh();
  }

  /** Nothing has come of its media for so long, ms. */
  quiet(silentMs: number): void {
    this.#health.quiet(silentMs);
  }

  /** The deadlines of the session, counted from now. */
  times(): SessionTimes | undefined {
    return this.#refresh.times();
  }

  /** Says BYE; `done` when it was answered, or never will be. */
  bye(reason: LeaveReason, done: () => void): void {
    if (this.#line === undefined) done();
    else this.#line.bye(reason, done);
  }

  /** Dialog and description as the store keeps them; undefined before there is a dialog. */
  json(): JsonObject | undefined {
    return this.#line === undefined ? undefined : { ...this.#line.json(), description: this.#needs.media.description ?? null };
  }

  /** Where both ends of the media and of the signalling are said to be; undefined before there is a dialog. */
  ends(): SilentCall | undefined {
    const { media } = this.#needs;
    if (this.#line === undefined) return undefined;
    return { described: media.agreed?.remote?.address, signalling: this.#line.flow.address, ours: media.address };
  }

  /** Forgets its alarms. */
  close(): void {
    this.#acceptance?.close();
  }

  #info({ request, respond }: ServerTransaction): void {
    const digit = request.body.length === 0 ? undefined : digitOf(request);
    if (digit === null) return void respond(415, { headers: [['Accept', DTMF_TYPES]] });
    respond(200);
    if (digit !== undefined && this.#needs.side.at() === 'up') this.#needs.side.digit(digit);
  }

  #renegotiate({ request, flow, respond, again }: ServerTransaction): void {
    const { media, around, side } = this.#needs;
    const invite = request.method === 'INVITE';
    if (this.#mustWait(request)) return void respond(491);
    const timer = answerSessionTimer(request);
    if ('refuse' in timer) return void respond(422, { headers: timer.headers });
    const outcome = request.body.length > 0 ? media.answer(bodyOf(request)) : undefined;
    if (outcome !== undefined && 'refused' in outcome) return void respond(...refusalOf(outcome, around));
    this.#refresh.agree(timer.timer);
    const text = outcome?.text ?? (invite ? media.offer() : undefined);
    this.#offered = invite && outcome === undefined;
    const headers: Headers = [
      ...dialogHeaders(around, flow, { secure: this.#line?.secure === true, focus: this.#needs.focus() }),
      ...timer.headers,
      ...(text === undefined ? [] : SDP),
    ];
    const response = respond(200, { headers, body: Buffer.from(text ?? '') });
    if (invite) this.#awaitAck(response, again);
    if (side.at() === 'up') side.feed({ type: 'session', session: this.#refresh.times() });
    if (outcome !== undefined) this.#settle();
    side.changed();
  }

  /** Two offers must not cross (RFC 3261 §14.2, RFC 3311 §5.2). */
  #mustWait({ method, body }: SipRequest): boolean {
    const unanswered = this.#acceptance?.state.at === 'waiting';
    return this.#refresh.asking || (unanswered && (method === 'INVITE' || (this.#offered && body.length > 0)));
  }

  #awaitAck(response: SipResponse, again: (response: SipResponse) => void): void {
    const { around, side } = this.#needs;
    this.#acceptance?.close();
    this.#acceptance = new Runner(acceptance, acceptance.start(around.clock.now(), { response }), around.clock, (effect) => {
      if (effect.do === 'send') again(effect.message);
      else side.feed({ type: 'unacknowledged' });
    });
  }

  #refreshed(answer: SipResponse): void {
    const { media, side } = this.#needs;
    this.#line?.answered(answer);
    // The answer to a description that did not change may yet change the far end's.
    if (answer.body.length > 0 && 'agreed' in media.accept(bodyOf(answer))) this.#settle();
    side.feed({ type: 'session', session: this.#refresh.times() });
    side.changed();
  }

  #settle(): void {
    const { agreed } = this.#needs.media;
    if (agreed !== undefined) this.#needs.side.settle(agreed);
  }
}

/** Whoever calls a `sips` URI wants every hop secure (RFC 3261 §12.1.1). */
const isSips = ({ uri }: SipRequest): boolean => /^sips:/i.test(uri);
