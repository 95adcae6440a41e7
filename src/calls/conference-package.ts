import type { AccountId } from '../accounts/index.ts';
import { Failure } from '../base/index.ts';
import type { Bus, Following, Item } from '../bus/index.ts';
import type { CallId, ConferenceId } from '../conference/index.ts';
import { contacts, dialogFromInvite, type Headers, header, headerAll, headerNumber, parseUri, type SipRequest } from '../sip/index.ts';
import type { Caller } from './caller.ts';
import { ALLOW, EVENT, type Refusal } from './check-request.ts';
import { type Roster, rosterOf, uriFor } from './conference-info.ts';
import { DialogLine } from './dialog-line.ts';
import { isTranslated } from './flow.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { headersOf, statusOf } from './status.ts';
import type { EndReason } from './subscription.machine.ts';
import { DOCUMENT, Subscription } from './subscription.ts';
import { dialogHeaders, type Surroundings } from './surroundings.ts';

/** Seconds; RFC 4575 §3.3. */
const DEFAULT_EXPIRES = 3600;
const LEAST_EXPIRES = 60;
const MOST_EXPIRES = 3600;
/** Subscriptions of one dialog, told apart by their `id`; nobody needs more than one. */
const MOST_IN_DIALOG = 4;

/** What the package runs on. */
export interface PackageNeeds {
  readonly around: Surroundings;
  /** Absent: nobody can subscribe. */
  readonly follow: Bus['follow'] | undefined;
  readonly maxSubscriptions: number;
}

/** A SUBSCRIBE in the dialog of a call. */
export interface WithinCall {
  readonly transaction: ServerTransaction;
  readonly line: DialogLine;
  readonly call: CallId;
  readonly account: AccountId;
  readonly conference: ConferenceId;
}

/** A conference that somebody has subscribed to. */
interface Watched {
  readonly account: AccountId;
  readonly conference: ConferenceId;
  readonly subscriptions: Set<Subscription>;
  following: Following | undefined;
  /** Work that is about to subscribe. */
  holds: number;
  /** What can be told; read once for all after each fact. */
  roster: Promise<Roster> | undefined;
}

/** A dialog with subscriptions in it, by their Event header. */
interface SubscribedDialog {
  readonly line: DialogLine;
  readonly watched: Watched;
  readonly call: CallId | undefined;
  readonly subscriptions: Map<string, Subscription>;
}

const ended: ReadonlySet<string> = new Set(['room.closed', 'conference.deleted']);

/** The conference event package (RFC 4575): telephones subscribe to a conference and hear who is in it. Kept in memory: after a restart they get 481 and subscribe anew. */
export class ConferencePackage {
  readonly #needs: PackageNeeds;
  readonly #watched = new Map<string, Watched>();
  readonly #dialogs = new Map<string, SubscribedDialog>();
  #count = 0;
  #closed = false;

  constructor(needs: PackageNeeds) {
    this.#needs = needs;
  }

  /** Subscriptions that are live. */
  get count(): number {
    return this.#count;
  }

  /** What refuses a SUBSCRIBE before anybody is asked whose it is. */
  objection(request: SipRequest): Refusal | undefined {
    if (!this.#isServed(request)) return { status: 489, headers: this.#needs.follow === undefined ? [] : [['Allow-Events', EVENT]] };
    if (!accepts(request)) return { status: 406, headers: [['Accept', DOCUMENT]] };
    const expires = headerNumber(request, 'Expires');
    if (header(request, 'Expires') !== undefined && expires === undefined) return { status: 400, headers: [] };
    if (expires !== undefined && expires > 0 && expires < LEAST_EXPIRES) {
      return { status: 423, headers: [['Min-Expires', String(LEAST_EXPIRES)]] };
    }
    return undefined;
  }

  /** A SUBSCRIBE outside of every dialog, of somebody who has proved who he is. */
  async arrive(transaction: ServerTransaction, { account }: Caller): Promise<void> {
    const { request, flow, respond } = transaction;
    const { around } = this.#needs;
    if (!Array.isArray(contacts(request))) return void respond(400);
    if (this.#isFull()) return void respond(503, { headers: headersOf(503) });
    const actor = { account: account.id, kind: 'call' } as const;
    try {
      const dialled = parseUri(request.uri)?.user ?? '';
      const { conference } = await around.execute('call.route', { dialled }, actor);
      if (conference === undefined) return void respond(404);
      await this.#watching({ account: account.id, conference }, (watched) => {
        if (this.#isFull()) return void respond(503, { headers: headersOf(503) });
        const secure = /^sips:/i.test(request.uri);
        const answer = respond(200, { headers: [...dialogHeaders(around, flow, { secure, focus: conference }), ...granted(request)] });
        const dialog = dialogFromInvite(request, answer);
        if (dialog === undefined) return;
        const line = new DialogLine(dialog, { flow, translated: isTranslated(request, flow), focus: () => conference }, around);
        this.#begin(request, this.#dialogOf(line, watched, undefined));
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      respond(statusOf(error), { headers: headersOf(statusOf(error)) });
    }
  }

  /** A SUBSCRIBE in the dialog of a call: whoever takes part may know who does. The dialog has taken its number already. */
  async within({ transaction, line, call, account, conference }: WithinCall): Promise<void> {
    const { request, flow, respond } = transaction;
    const objection = this.objection(request);
    if (objection !== undefined) return void respond(objection.status, { headers: objection.headers });
    const known = this.#dialogs.get(line.key);
    if (known !== undefined) return this.#again(transaction, known);
    if (this.#isFull()) return void respond(503, { headers: headersOf(503) });
    await this.#watching({ account, conference }, (watched) => {
      respond(200, {
        headers: [...dialogHeaders(this.#needs.around, flow, { secure: line.secure, focus: conference }), ...granted(request)],
      });
      this.#begin(request, this.#dialogs.get(line.key) ?? this.#dialogOf(line, watched, call));
    });
  }

  /** A request in a dialog of ours; false: it is none. */
  receive(transaction: ServerTransaction, key: string): boolean {
    const dialog = this.#dialogs.get(key);
    if (dialog === undefined || dialog.call !== undefined) return false;
    const { request, flow, respond } = transaction;
    const refused = dialog.line.receive(request, flow);
    if (refused !== undefined) respond(refused);
    else if (request.method !== 'SUBSCRIBE') respond(405, { headers: [['Allow', ALLOW]] });
    else {
      const objection = this.objection(request);
      if (objection !== undefined) respond(objection.status, { headers: objection.headers });
      else this.#again(transaction, dialog);
    }
    return true;
  }

  /** A call is over, and with it the right to know. */
  left(call: CallId): void {
    for (const dialog of [...this.#dialogs.values()]) if (dialog.call === call) this.#endAll(dialog.subscriptions.values(), 'rejected');
  }

  /** Tells everybody that the server stops. */
  close(): void {
    this.#closed = true;
    for (const { subscriptions, following } of this.#watched.values()) {
      following?.close();
      for (const each of subscriptions) each.close();
    }
    this.#watched.clear();
    this.#dialogs.clear();
  }

  #isServed(request: SipRequest): boolean {
    return this.#needs.follow !== undefined && eventOf(request)?.type === EVENT;
  }

  #isFull(): boolean {
    return this.#closed || this.#count >= this.#needs.maxSubscriptions;
  }

  /** A SUBSCRIBE in a dialog that has subscriptions: one more, or one that goes on. */
  #again({ request, flow, respond }: ServerTransaction, dialog: SubscribedDialog): void {
    const { line, watched } = dialog;
    const known = dialog.subscriptions.get(keyOf(request));
    if (known === undefined && (this.#isFull() || dialog.subscriptions.size >= MOST_IN_DIALOG))
      return void respond(503, { headers: headersOf(503) });
    const told = dialogHeaders(this.#needs.around, flow, { secure: line.secure, focus: watched.conference });
    respond(200, { headers: [...told, ...granted(request)] });
    if (known === undefined) this.#begin(request, dialog);
    else known.refreshed(1000 * expiresOf(request));
  }

  #begin(request: SipRequest, dialog: SubscribedDialog): void {
    const { line, watched, subscriptions } = dialog;
    const key = keyOf(request);
    const known = subscriptions.get(key);
    if (known !== undefined) {
      known.refreshed(1000 * expiresOf(request));
      return;
    }
    const made: Subscription = new Subscription(
      {
        around: this.#needs.around,
        line,
        event: header(request, 'Event') ?? EVENT,
        entity: uriFor(watched.conference, this.#needs.around.sentBy),
        roster: () => this.#roster(watched),
        gone: () => {
          if (!watched.subscriptions.delete(made)) return;
          this.#count -= 1;
          if (subscriptions.get(key) === made) subscriptions.delete(key);
          if (subscriptions.size === 0) this.#dialogs.delete(line.key);
          this.#release(watched);
        },
      },
      1000 * expiresOf(request),
    );
    this.#count += 1;
    watched.subscriptions.add(made);
    subscriptions.set(key, made);
    made.begin();
  }

  #dialogOf(line: DialogLine, watched: Watched, call: CallId | undefined): SubscribedDialog {
    const made = { line, watched, call, subscriptions: new Map<string, Subscription>() };
    this.#dialogs.set(line.key, made);
    return made;
  }

  /** Does something with a conference that is followed; it stays so when somebody has subscribed then. */
  async #watching(of: Pick<Watched, 'account' | 'conference'>, work: (watched: Watched) => void): Promise<void> {
    const watched = await this.#watch(of);
    try {
      work(watched);
    } finally {
      watched.holds -= 1;
      this.#release(watched);
    }
  }

  /** The conference, followed from now on, and held. */
  async #watch({ account, conference }: Pick<Watched, 'account' | 'conference'>): Promise<Watched> {
    const { follow } = this.#needs;
    const key = `${account}/${conference}`;
    const known = this.#watched.get(key);
    if (known !== undefined) {
      known.holds += 1;
      return known;
    }
    const made: Watched = { account, conference, subscriptions: new Set(), following: undefined, holds: 1, roster: undefined };
    const following = await follow?.({ account, conference, signals: false, take: (item) => this.#take(made, item) });
    const meanwhile = this.#watched.get(key);
    if (meanwhile !== undefined) {
      following?.close();
      meanwhile.holds += 1;
      return meanwhile;
    }
    made.following = following;
    this.#watched.set(key, made);
    return made;
  }

  /** Follows no longer what nobody has subscribed to. */
  #release(watched: Watched): void {
    if (watched.subscriptions.size > 0 || watched.holds > 0) return;
    watched.following?.close();
    const key = `${watched.account}/${watched.conference}`;
    if (this.#watched.get(key) === watched) this.#watched.delete(key);
  }

  #take(watched: Watched, item: Item): void {
    if (item.kind !== 'fact') return;
    watched.roster = undefined;
    if (ended.has(item.entry.fact.type)) this.#endAll(watched.subscriptions, 'noresource');
    else for (const each of [...watched.subscriptions]) each.changed();
  }

  #endAll(subscriptions: Iterable<Subscription>, reason: EndReason): void {
    for (const each of [...subscriptions]) each.end(reason);
  }

  #roster(watched: Watched): Promise<Roster> {
    if (watched.roster !== undefined) return watched.roster;
    const { execute, sentBy } = this.#needs.around;
    const { account, conference } = watched;
    const reading = execute('conference.read', { conference }, { account, kind: 'call' }).then((view) => rosterOf(view, sentBy));
    watched.roster = reading;
    // What could not be read is read again for the next who asks.
    reading.catch(() => {
      if (watched.roster === reading) watched.roster = undefined;
    });
    return reading;
  }
}

/** The event package and the parameter that tells subscriptions of one dialog apart (RFC 6665 §8.2.1). */
function eventOf(request: SipRequest): { readonly type: string; readonly id: string } | undefined {
  const [type = '', ...params] = (header(request, 'Event') ?? '').split(';').map((each) => each.trim());
  const id = params.find((each) => /^id\s*=/i.test(each));
  return type === '' ? undefined : { type: type.toLowerCase(), id: id?.replace(/^id\s*=\s*/i, '') ?? '' };
}

const keyOf = (request: SipRequest): string => eventOf(request)?.id ?? '';

/** Seconds that are granted. */
const expiresOf = (request: SipRequest): number => Math.min(headerNumber(request, 'Expires') ?? DEFAULT_EXPIRES, MOST_EXPIRES);

const granted = (request: SipRequest): Headers => [['Expires', String(expiresOf(request))]];

/** Without Accept he reads the package's own documents (RFC 4575 §3.4). */
const accepts = (request: SipRequest): boolean =>
  header(request, 'Accept') === undefined ||
  headerAll(request, 'Accept').some((range) =>
    [DOCUMENT, 'application/*', '*/*'].includes((range.split(';')[0] ?? '').trim().toLowerCase()),
  );
