import { type Alarm, Failure, type Log } from '../../base/index.ts';
import type { CallId, DialRequest, LeaveReason, Refusal } from '../../conference/index.ts';
import type { LocalMedia } from '../../sdp/index.ts';
import { printMessage } from '../../sip/index.ts';
import type { CallOpening } from '../call-opening.ts';
import type { CdrDraft } from '../cdr.ts';
import { isWebSocket, printFlow } from '../flow.ts';
import { legChange, localOf } from '../media-session.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Connected } from './attempt.ts';
import { Branch } from './branch.ts';
import type { Candidate } from './candidate.ts';
import { bestRefusal, cancelled, unanswered, unreachable } from './outcome.ts';

/** What a call of ours is made of until somebody answers. */
export interface RingingNeeds {
  readonly request: DialRequest;
  readonly around: Surroundings;
  readonly log: Log;
  readonly cdr: CdrDraft;
  /** The places of each branch, the best first; rejects with a Failure what may not be called. */
  readonly candidates: () => Promise<readonly (readonly Candidate[])[]>;
  /** The wishes of a candidate's media; undefined where it requires what this way cannot keep secret. */
  readonly wishes: (candidate: Candidate) => CallOpening['wishes'] | undefined;
  /** The Call-ID of the n-th branch. */
  readonly callIdOf: (n: number) => string;
  /** It is a call from now on. */
  readonly connected: (connected: Connected) => void;
  /** It came to nothing. */
  readonly failed: (refusal: Refusal) => void;
  /** Nothing is left of it but what others took over. */
  readonly gone: () => void;
}

/** How long one rings when nobody says otherwise, in seconds. */
const RING = 20;
/** The longest, in seconds. */
const LONGEST = 3600;

/** A call of ours while it rings: all its branches at once, until the first answers, all have failed, the time is over or nobody wants it any more. */
export class Ringing {
  readonly id: CallId;
  readonly #needs: RingingNeeds;
  readonly #refusals: Refusal[] = [];
  #branches: readonly Branch[] = [];
  #alarm: Alarm | undefined;
  #recorded: Promise<void> = Promise.resolve();
  #told: Promise<void> = Promise.resolve();
  #over: 'taken' | 'ended' | undefined;
  #legOpen = false;
  #hasRung = false;

  constructor(needs: RingingNeeds) {
    this.id = needs.request.call.id;
    this.#needs = needs;
  }

  /** Begins to ring. */
  start(): void {
    const { around, request } = this.#needs;
    const { clock } = around;
    const seconds = Math.min(request.target.timeoutSeconds ?? RING, LONGEST);
    this.#alarm = clock.wake(clock.now() + seconds * 1000, () => this.#end('refused', unanswered()));
    around.follow(this.#open());
  }

  /** The domain does not want it any more. */
  hangUp(reason: LeaveReason): void {
    this.#end(reason, cancelled());
  }

  /** Forgets its alarms; nothing more is said. */
  abandon(): void {
    this.#alarm?.cancel();
    for (const each of this.#branches) each.close();
  }

  async #open(): Promise<void> {
    const { around, request, candidates, log } = this.#needs;
    const { account, place, call } = request;
    try {
      const ways = await candidates();
      if (this.#over !== undefined) return;
      if (!ways.some((each) => each.length > 0)) return this.#end('refused', unreachable('nobody is registered or known there'));
      const { engine, address } = around;
      const mayMove = (place as string) === (call.id as string);
      const isWeb = ways.flat().map(({ flow }) => isWebSocket(flow));
      // Of somebody's telephones, some may be in browsers.
      const webrtc = isWeb.every(Boolean) || (isWeb.some(Boolean) ? 'either' : false);
      const bound = await engine.open({ leg: call.leg, account, conference: place, address, webrtc, ...(mayMove ? { mayMove } : {}) });
      this.#legOpen = true;
      if (this.#over !== undefined) return this.#closeLeg();
      this.#ring(ways, ({ flow }) => {
        const { webrtc: ours, ...plain } = localOf(bound, around);
        return ours === undefined || (webrtc === 'either' && !isWebSocket(flow)) ? plain : { ...plain, webrtc: ours };
      });
    } catch (error) {
      if (!(error instanceof Failure)) log.error('a call could not be made', { error });
      const refused = error instanceof Failure;
      this.#end(
        refused ? 'refused' : 'failed',
        refused ? { code: error.code, words: error.message } : unreachable('the call could not be made'),
      );
    }
  }

  /** Told once, whichever telephone was the first. */
  #rings(): void {
    if (this.#hasRung || this.#over !== undefined) return;
    this.#hasRung = true;
    const { around, request } = this.#needs;
    const { account, place: conference, call } = request;
    around.follow(around.execute('call.ringing', { conference, call: call.id }, { account, kind: 'call' }).catch(() => undefined));
  }

  #ring(ways: readonly (readonly Candidate[])[], local: (candidate: Candidate) => Omit<LocalMedia, 'ptime'>): void {
    const { around, request, wishes, callIdOf, log } = this.#needs;
    const filled = ways.filter((each) => each.length > 0);
    this.#branches = filled.map((candidates, n) => {
      const branch: Branch = new Branch({
        around,
        log,
        candidates,
        callId: callIdOf(n + 1),
        focus: () => request.place as string,
        local,
        wishes: (candidate) => {
          const wished = wishes(candidate);
          return wished && request.interval !== undefined ? { ...wished, interval: request.interval } : wished;
        },
        side: {
          sent: () => this.#record(),
          rings: () => this.#rings(),
          // What comes early keeps the way open; the room does not hear it.
          early: (agreed) => around.engine.change(request.call.leg, legChange(agreed)),
          connected: (connected) => this.#taken(branch, connected),
          failed: (refusal) => this.#failed(refusal),
          gone: () => this.#gone(),
        },
      });
      return branch;
    });
    for (const each of this.#branches) if (this.#over === undefined) each.start();
  }

  #taken(winner: Branch, connected: Connected): void {
    if (this.#over !== undefined) return;
    this.#over = 'taken';
    this.#alarm?.cancel();
    for (const each of this.#branches) if (each !== winner) each.cancel({ elsewhere: true });
    this.#needs.connected(connected);
    this.#gone();
  }

  #failed(refusal: Refusal): void {
    if (this.#over !== undefined) return;
    this.#refusals.push(refusal);
    // Who is nowhere else either, and says so for all his telephones, ends it (RFC 3261 §21.6).
    const everywhere = refusal.status !== undefined && refusal.status >= 600;
    if (everywhere || this.#refusals.length >= this.#branches.length) this.#end('refused', bestRefusal(this.#refusals));
  }

  #end(reason: LeaveReason, refusal: Refusal): void {
    if (this.#over !== undefined) return;
    this.#over = 'ended';
    this.#alarm?.cancel();
    const { around, request, cdr, failed, log } = this.#needs;
    const { account, place, call } = request;
    log.info('a call of ours came to nothing', { reason, refusal });
    around.failed(refusal.code);
    for (const each of this.#branches) each.cancel();
    cdr.ended(reason, refusal.status ?? 503);
    const told = around.insist(() =>
      around.execute('call.ended', { conference: place, call: call.id, reason, refusal }, { account, kind: 'call' }),
    );
    this.#told = told.catch((error: unknown) => {
      if (!(error instanceof Failure) || error.kind === 'unavailable') throw error;
      log.info('the end of a call was refused', { error });
    });
    around.follow(Promise.all([this.#told, cdr.write()]));
    this.#closeLeg();
    failed(refusal);
    this.#gone();
  }

  #closeLeg(): void {
    if (!this.#legOpen) return;
    this.#legOpen = false;
    const { around, request } = this.#needs;
    around.follow(around.engine.end(request.call.leg));
  }

  /** What rings is kept, so that the next start can cancel it. */
  #record(): void {
    const { around, request, cdr } = this.#needs;
    const { account, place, call } = request;
    const ringing = this.#branches.flatMap(({ invite, flow }) =>
      invite === undefined || flow === undefined
        ? []
        : [{ invite: Buffer.from(printMessage(invite)).toString('base64'), flow: printFlow(flow) }],
    );
    this.#recorded = this.#recorded.then(async () => {
      if (this.#over !== undefined) return;
      await around.records.put({ id: call.id, account, conference: place, dialog: { ringing, cdr: cdr.json() }, leg: null });
    });
    around.follow(this.#recorded);
  }

  #gone(): void {
    if (this.#over === undefined || this.#branches.some((each) => each.isBusy)) return;
    const { around, gone } = this.#needs;
    if (this.#over === 'ended') {
      const removed = Promise.all([this.#recorded, this.#told]).then(() => around.records.remove(this.id));
      around.follow(removed);
    }
    gone();
  }
}
