import type { JsonObject } from '../base/index.ts';
import type { LeaveReason } from '../conference/index.ts';
import type { SipRequest } from '../sip/index.ts';
import { bodyOf } from './call-values.ts';
import type { Connected } from './dialling/attempt.ts';
import type { FarEnd } from './far-end.ts';
import { isWebSocket } from './flow.ts';
import { type CallSide, InviteUsage } from './invite-usage.ts';
import type { MediaSession } from './media-session.ts';
import type { ServerTransaction } from './server-transaction.ts';
import type { SilentCall } from './silence-cause.ts';
import { headersOf } from './status.ts';
import type { Surroundings } from './surroundings.ts';

/** What a telephone's end is made of. */
export interface SipEndNeeds {
  /** The INVITE that came; undefined: ours was answered. */
  readonly invite: ServerTransaction | undefined;
  /** The conference that our Contact speaks for, as of now. */
  readonly focus: () => string | undefined;
  readonly around: Surroundings;
  readonly side: CallSide;
}

/** A telephone: the INVITE that came, or the answer to ours, and what happens in its dialog. */
export class SipEnd implements FarEnd {
  readonly #needs: SipEndNeeds;
  #usage: InviteUsage | undefined;

  constructor(needs: SipEndNeeds) {
    this.#needs = needs;
  }

  get offer(): string {
    const { invite } = this.#needs;
    return invite === undefined ? '' : bodyOf(invite.request);
  }

  get wantsBrowser(): boolean {
    const { invite } = this.#needs;
    return invite !== undefined && isWebSocket(invite.flow);
  }

  ring(): void {
    this.#needs.invite?.respond(180);
  }

  refuse(status: number): void {
    this.#needs.invite?.respond(status, { headers: headersOf(status) });
  }

  accept(media: MediaSession): number | undefined {
    const { invite, focus, around, side } = this.#needs;
    if (invite === undefined) return undefined;
    this.#usage = new InviteUsage({ far: invite.request, focus, media, around, side });
    return this.#usage.accept(invite);
  }

  /** Goes on with an INVITE of ours that was answered. */
  begin(connected: Connected): void {
    if (this.#usage !== undefined) return;
    const { focus, around, side } = this.#needs;
    const { answer: far, media } = connected;
    this.#usage = new InviteUsage({ far, focus, media, around, side });
    this.#usage.begin(connected);
  }

  /** His ACK says it. */
  connected(): void {}

  /** He hears it. */
  stage(): void {}

  brought(): void {}

  /** A BYE of ours waits for his ACK (RFC 3261 §15). */
  hurry(): void {}

  refresh(): void {
    this.#usage?.refresh();
  }

  quiet(silentMs: number): void {
    this.#usage?.quiet(silentMs);
  }

  bye(reason: LeaveReason, done: () => void): void {
    this.#usage?.bye(reason, done);
  }

  /** An ACK of a 2xx of ours. */
  acknowledged(ack: SipRequest): void {
    this.#usage?.acknowledged(ack);
  }

  /** A request in the dialog. */
  receive(transaction: ServerTransaction): void {
    if (this.#usage === undefined) transaction.respond(481);
    else this.#usage.receive(transaction);
  }

  json(): JsonObject | undefined {
    return this.#usage?.json();
  }

  ends(): SilentCall | undefined {
    return this.#usage?.ends();
  }

  close(): void {
    this.#usage?.close();
  }
}
