import { Failure, type JsonObject } from '../../base/index.ts';
import type { EntryStage, LeaveReason, Place } from '../../conference/index.ts';
import type { FarEnd, Words } from '../far-end.ts';
import type { CallSide } from '../invite-usage.ts';
import type { MediaSession } from '../media-session.ts';
import type { SilentCall } from '../silence-cause.ts';
import type { Page } from './page.ts';

/** What a browser's end is made of. */
export interface BrowserEndNeeds {
  readonly offer: string;
  /** Where it comes from. */
  readonly address: string;
  readonly page: Page;
  readonly side: Pick<CallSide, 'at' | 'feed' | 'settle' | 'changed'>;
}

/** A browser: the offer with which its page came, and what the page is told. */
export class BrowserEnd implements FarEnd {
  readonly wantsBrowser = true;
  readonly #needs: BrowserEndNeeds;
  #media: MediaSession | undefined;
  #why: Words | undefined;
  #isOver = false;

  constructor(needs: BrowserEndNeeds) {
    this.#needs = needs;
  }

  get offer(): string {
    return this.#needs.offer;
  }

  ring(): void {}

  refuse(status: number, words: Words | undefined): void {
    this.#why ??= words;
    this.#end(status === 503 && words === undefined ? 'shutdown' : 'refused');
  }

  accept(media: MediaSession): number | undefined {
    const { offer, side, page } = this.#needs;
    const outcome = media.answer(offer);
    if ('refused' in outcome) {
      this.#why = { code: 'bad_offer', words: outcome.words };
      return 488;
    }
    this.#media = media;
    side.settle(outcome.agreed);
    side.feed({ type: 'opened' });
    page.answered(outcome.text);
    return undefined;
  }

  /** Only who can be heard takes part: others would see a silent one whose firewall lets nothing through. */
  connected(): void {
    const { side, page } = this.#needs;
    if (side.at() === 'answering') {
      side.feed({ type: 'ack', session: undefined });
      side.changed();
    }
    page.connected();
  }

  stage(stage: EntryStage): void {
    if (stage.at === 'leaving') this.#why = { code: stage.code, words: stage.code };
    this.#needs.page.stage(stage);
  }

  brought(place: Place): void {
    this.#needs.page.brought(place);
  }

  /** Nothing is heard of it, for a reason that only the engine knows. */
  failed(why: Words): void {
    this.#why ??= why;
  }

  /** Its page is told at once; there is no ACK to wait for. */
  hurry(): void {
    this.#needs.side.feed({ type: 'unacknowledged' });
  }

  refresh(): void {}

  /** Its consent says whether it is there (RFC 7675). */
  quiet(): void {}

  bye(reason: LeaveReason, done: () => void): void {
    this.#end(reason);
    // Later, as an answer to a BYE would come.
    queueMicrotask(done);
  }

  /** A later offer of its page. */
  renegotiate(sdp: string): string {
    const { side } = this.#needs;
    if (this.#media === undefined) throw new Failure('conflict', 'call_not_up', 'the call is not answered yet');
    const outcome = this.#media.answer(sdp);
    if ('refused' in outcome) throw badOffer(outcome.words);
    side.settle(outcome.agreed);
    side.changed();
    return outcome.text;
  }

  /** Nothing that a later start could say goodbye with: its websocket does not outlive the server. */
  json(): JsonObject | undefined {
    return this.#media === undefined ? undefined : { browser: true };
  }

  ends(): SilentCall | undefined {
    return this.#media && { described: undefined, signalling: this.#needs.address, ours: this.#media.address };
  }

  close(): void {
    this.#end('hung-up');
  }

  #end(reason: LeaveReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#needs.page.ended({ reason, ...(this.#why === undefined ? {} : { why: this.#why }) });
  }
}

/** A description that cannot be answered. */
export const badOffer = (words: string): Failure => new Failure('invalid', 'bad_offer', `the offer cannot be answered: ${words}`);
