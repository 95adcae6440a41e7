import { isObject, type Json } from '../base/index.ts';
import type { LeaveReason } from '../conference/index.ts';
import {
  answeredInDialog,
  cseq,
  type Dialog,
  dialogKey,
  type Headers,
  receiveInDialog,
  requestInDialog,
  type SipRequest,
  type SipResponse,
} from '../sip/index.ts';
import { reasonHeaders } from './call-values.ts';
import { authorisation, type Credentials } from './credentials.ts';
import { type Flow, isTranslated, parseFlow, printFlow } from './flow.ts';
import type { FinalAnswer } from './server-transaction.ts';
import { type ContactKind, contactOf, type Surroundings, viaOf, wayOf } from './surroundings.ts';

/** A request in a dialog, besides what the dialog says. */
export interface Said {
  readonly headers?: Headers;
  readonly body?: string;
}

/** Where the far end of a dialog really is. */
interface Place {
  readonly flow: Flow;
  readonly translated: boolean;
  /** The conference that our Contact speaks for. */
  readonly focus?: () => string | undefined;
  /** What the far end gets when it asks for a password; not stored. */
  readonly credentials?: Credentials;
}

/** How many requests may have gone out since a dialog was stored: questions whether somebody is there are not worth a write each. */
const UNSTORED = 100_000;

/** One dialog and the way to its far end. */
export class DialogLine {
  readonly #around: Surroundings;
  #dialog: Dialog;
  #place: Place;

  constructor(dialog: Dialog, place: Place, around: Surroundings) {
    this.#dialog = dialog;
    this.#place = place;
    this.#around = around;
  }

  /** What `json` gave; undefined for anything else. */
  static restored(stored: Json, around: Surroundings): DialogLine | undefined {
    if (!isObject(stored) || !isObject(stored['dialog'] ?? null) || typeof stored['flow'] !== 'string') return undefined;
    const flow = parseFlow(stored['flow']);
    const dialog = stored['dialog'] as unknown as Dialog;
    const whole = typeof dialog.callId === 'string' && typeof dialog.remoteTarget === 'string' && Array.isArray(dialog.routeSet);
    if (flow === undefined || !whole) return undefined;
    // Numbers may be left out, but never come again (RFC 3261 §12.2.2).
    const later = { ...dialog, localSequence: dialog.localSequence + UNSTORED };
    return new DialogLine(later, { flow, translated: stored['translated'] === true }, around);
  }

  /** The key of the far end's requests. */
  get key(): string {
    return dialogKey(this.#dialog);
  }

  /** Where the far end's last request came from. */
  get flow(): Flow {
    return this.#place.flow;
  }

  /** Every hop must be secure. */
  get secure(): boolean {
    return this.#dialog.secure;
  }

  /** Notes a request of the far end; gives the status that refuses it. */
  receive(request: SipRequest, flow: Flow): 481 | 500 | undefined {
    const received = receiveInDialog(this.#dialog, request);
    if ('refuse' in received) return received.refuse;
    this.#dialog = received.dialog;
    this.#place = { ...this.#place, flow, translated: isTranslated(request, flow) };
    return undefined;
  }

  /** Sends a request; `done` gets its final answer, a 2xx of an INVITE each time that it comes. */
  ask(method: string, said: Said, done: (answer: FinalAnswer) => void): void {
    const request = this.#said(method, said, (answer) => {
      const { credentials } = this.#place;
      const authorised = answer && authorisation({ answer, request, credentials, chance: this.#around.chance });
      if (authorised === undefined) done(answer);
      else this.#said(method, { ...said, headers: [...(said.headers ?? []), authorised] }, done);
    });
  }

  #said(method: string, { headers = [], body = '' }: Said, done: (answer: FinalAnswer) => void): SipRequest {
    const flow = this.#way();
    // Neither moves the target (RFC 3261 §20, RFC 3262 §9).
    const contact = method === 'BYE' || method === 'PRACK' ? {} : { contact: contactOf(this.#around, flow, this.#kind()) };
    const { dialog, request } = requestInDialog(this.#dialog, method, {
      via: viaOf(this.#around, flow),
      headers: [...headers, ['User-Agent', this.#around.userAgent]],
      body: Buffer.from(body),
      ...contact,
    });
    this.#dialog = dialog;
    this.#around.ask(request, flow, done);
    return request;
  }

  /** Says BYE; `done` when it was answered, or never will be. */
  bye(reason: LeaveReason, done: () => void): void {
    this.ask('BYE', { headers: reasonHeaders(reason) }, done);
  }

  /** A 2xx to a request of ours moves the far end's target. */
  answered(answer: SipResponse): void {
    this.#dialog = answeredInDialog(this.#dialog, answer);
  }

  /** The number of our last request. */
  get sequence(): number {
    return this.#dialog.localSequence;
  }

  /** Sends the ACK of a 2xx; `headers`: the credentials of its INVITE (RFC 3261 §22.1). */
  acknowledge(answer: SipResponse, headers: Headers = []): void {
    const flow = this.#way();
    const sequence = cseq(answer)?.number ?? this.#dialog.localSequence;
    const { request } = requestInDialog(this.#dialog, 'ACK', { via: viaOf(this.#around, flow), sequence, headers });
    this.#around.send(request, flow);
  }

  /** The dialog as the store keeps it. */
  json(): { readonly [key: string]: Json } {
    return { dialog: { ...this.#dialog }, flow: printFlow(this.#place.flow), translated: this.#place.translated };
  }

  #kind(): ContactKind {
    return { secure: this.#dialog.secure, focus: this.#place.focus?.() };
  }

  #way(): Flow {
    return wayOf(this.#dialog, { ...this.#place, reaches: this.#around.reaches });
  }
}
