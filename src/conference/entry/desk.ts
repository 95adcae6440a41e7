import type { AccountId } from '../../accounts/index.ts';
import type { Log } from '../../base/index.ts';
import type { Conference, Role } from '../conference.ts';
import { type Defaults, noDefaults } from '../defaults.ts';
import type { EntryWish } from '../flow/act.ts';
import type { CallId, ConferenceId } from '../ids.ts';
import type { PlaySource } from '../playing.ts';
import { roleOfNumber, settingsOf } from '../settings.ts';
import type { EntryPlan, PinQuestion, Reception, Recognised, Visitor } from './entry-plan.ts';
import type { Effect, Input } from './entry-values.ts';
import { roleOfPin } from './judge-pin.ts';
import { entryPlan, type PlanWish, reception, receptionIn } from './plan-of.ts';
import type { Shield } from './shield.ts';

/** What the machine wants to know, or to have done. */
export type EntryQuestion = Extract<Effect, { do: 'find' | 'judge' | 'record-name' | 'stop-recording' | 'forget-name' }>;

/** Records the names that callers say in their lobbies. */
export interface Names {
  /** Resolves when he has stopped talking, `stop` was called or `longest` ms are over; undefined: nothing was heard. */
  record(visitor: Visitor, longest: number): Promise<PlaySource | undefined>;
  stop(visitor: Visitor): void;
  /** Nobody will want it any more. */
  forget(visitor: Visitor, name: PlaySource): void;
  /** The call is over: what was recorded goes with it, unless it belongs to a user. */
  over(visitor: Visitor): void;
  /** How the caller's name is pronounced, where he belongs to a user who has said so. */
  pronounced(visitor: Visitor): Promise<PlaySource | undefined>;
}

/** Guests who were invited with a PIN of their own. */
export interface GuestPins {
  /** Lengths of those that are good for this conference. */
  lengths(account: AccountId, conference: ConferenceId): Promise<readonly number[]>;
  /** Whose PIN it is; he has used it now. Takes the same time for all. */
  recognise(visitor: Visitor, conference: ConferenceId, given: GuestPin): Promise<Recognised | undefined>;
}

/** What somebody has entered. */
export interface GuestPin {
  readonly pin: string;
  /** Only guests of this role may use the number that was dialled. */
  readonly role?: Role;
  /** Only the guest of this invitation is meant. */
  readonly invitation?: string;
  /** By what this guest is told from others of the invitation. Absent: by his number. */
  readonly knownAs?: string;
}

/** What the desk runs on. */
export interface EntryDeskOptions {
  readonly log: Log;
  readonly shield: Shield;
  /** With its defaults; undefined: there is none, or it is deleted. */
  conference(account: AccountId, id: ConferenceId): Promise<Conference | undefined>;
  byNumber(account: AccountId, number: string): Promise<ConferenceId | undefined>;
  defaults(account: AccountId): Promise<Defaults>;
  /** Absent: nobody can say his name. */
  readonly names?: Names;
  readonly guests?: GuestPins;
}

/** Finds out what the entry machine asks, for one call after the other. The flow run's questions `reception` and `entry` come here. */
export class EntryDesk {
  readonly #options: EntryDeskOptions;
  /** Conferences that nobody has stored, by the calls that were sent there. */
  readonly #adHoc = new Map<CallId, Conference>();

  constructor(options: EntryDeskOptions) {
    this.#options = options;
  }

  /** How somebody is received. Who was sent to what is not there is asked for a number. Then `over` must be called, whatever becomes of the call. */
  async receive(visitor: Visitor, wish: EntryWish): Promise<{ readonly reception: Reception; readonly plan?: EntryPlan }> {
    const { conference: id, role, forced, welcome, adHoc, invited } = wish;
    const defaults = await this.#options.defaults(visitor.account);
    const stored = id === undefined ? undefined : await this.#options.conference(visitor.account, id);
    const conference =
      stored ?? (id === undefined || adHoc === undefined ? undefined : roomOf(visitor.account, id, { document: adHoc, defaults }));
    if (conference === undefined) return { reception: reception(defaults, welcome) };
    if (stored === undefined) this.#adHoc.set(visitor.call, conference);
    const known = {
      ...(role === undefined ? {} : { role }),
      ...(forced === undefined ? {} : { forced }),
      ...(invited === undefined ? {} : { invited }),
    };
    return { reception: receptionIn(conference, welcome), plan: await this.#planFor(visitor, conference, known) };
  }

  /** What becomes of an effect of the machine; undefined: nothing that it waits for. Never rejects: what cannot be found out counts as wrong. */
  async ask(visitor: Visitor, question: EntryQuestion): Promise<Input | undefined> {
    try {
      return await this.#answer(visitor, question);
    } catch (error) {
      this.#options.log.error('a caller was not answered', { call: visitor.call, asked: question.do, error });
      return lost[question.do];
    }
  }

  /** The call is over: what it tried is counted, what it recorded is forgotten. */
  over(visitor: Visitor): void {
    this.#adHoc.delete(visitor.call);
    this.#options.shield.over(visitor.call);
    this.#options.names?.over(visitor);
  }

  /** What is asked of somebody in this conference. */
  async #planFor(visitor: Visitor, conference: Conference, wish: PlanWish): Promise<EntryPlan> {
    const { names, guests } = this.#options;
    const [pronounced, guestPins = []] = await Promise.all([names?.pronounced(visitor), guests?.lengths(visitor.account, conference.id)]);
    const plan = entryPlan(conference, { ...wish, guestPins, ...(pronounced === undefined ? {} : { pronounced }) });
    if (names !== undefined || plan.name === undefined || 'source' in plan.name) return plan;
    const { name: _, ...nameless } = plan;
    return nameless;
  }

  async #answer(visitor: Visitor, question: EntryQuestion): Promise<Input | undefined> {
    const { names } = this.#options;
    switch (question.do) {
      case 'find':
        return this.#find(visitor, question.number);
      case 'judge':
        return this.#judge(visitor, question);
      case 'record-name': {
        const name = await names?.record(visitor, question.longest);
        return { type: 'recorded', ...(name === undefined ? {} : { name }) };
      }
      case 'stop-recording':
        names?.stop(visitor);
        return undefined;
      case 'forget-name':
        names?.forget(visitor, question.name);
        return undefined;
    }
  }

  async #find(visitor: Visitor, number: string): Promise<Input> {
    const { shield, byNumber, conference: load } = this.#options;
    await shield.learn(visitor);
    const delay = shield.delay(visitor);
    const lockedOut = shield.isLockedOut(visitor);
    const id = number === '' ? undefined : await byNumber(visitor.account, number);
    const conference = id === undefined ? undefined : await load(visitor.account, id);
    if (lockedOut) return { type: 'found', delay, lockedOut };
    if (conference === undefined) {
      if (number !== '') shield.wrong(visitor);
      return { type: 'found', delay };
    }
    shield.right(visitor);
    const role = roleOfNumber(conference.document, number);
    return { type: 'found', delay, plan: await this.#planFor(visitor, conference, role === undefined ? {} : { role }) };
  }

  async #judge(visitor: Visitor, { conference: id, question, pin }: Extract<EntryQuestion, { do: 'judge' }>): Promise<Input> {
    const { shield, guests, conference: load } = this.#options;
    await shield.learn(visitor, id);
    const delay = shield.delay(visitor, id);
    const lockedOut = shield.isLockedOut(visitor, id);
    const conference = (await load(visitor.account, id)) ?? this.#adHoc.get(visitor.call);
    const isOwn = question.own !== undefined;
    const role = conference === undefined || isOwn ? undefined : roleOfPin(settingsOf(conference), question, pin);
    if (lockedOut) return { type: 'judged', delay, lockedOut };
    // Only what is none of the document's may be a guest's, who uses it up; the machine hides the time that this takes.
    const guest = role === undefined && pin !== '' ? await guests?.recognise(visitor, id, { pin, ...roleOnly(question) }) : undefined;
    const as = role === undefined ? guest && { ...guest, role: question.forced ?? guest.role } : { role };
    if (as !== undefined) shield.right(visitor, id);
    else if (pin !== '') shield.wrong(visitor, id);
    return { type: 'judged', delay, ...(as === undefined ? {} : { as }) };
  }
}

/** The role that the number asks for; whoever sends a call with a role of its own takes a PIN of any. */
const roleOnly = ({ role, forced, own, knownAs }: PinQuestion): Omit<GuestPin, 'pin'> => ({
  ...(role === undefined || forced !== undefined ? {} : { role }),
  ...(own === undefined ? {} : { invitation: own }),
  ...(knownAs === undefined ? {} : { knownAs }),
});

/** What a caller hears of it when something is broken. */
const lost: { readonly [What in EntryQuestion['do']]: Input | undefined } = {
  find: { type: 'found', delay: 0 },
  judge: { type: 'judged', delay: 0 },
  'record-name': { type: 'recorded' },
  'stop-recording': undefined,
  'forget-name': undefined,
};

/** A conference that nobody has stored: its document is all there is. */
const roomOf = (
  account: AccountId,
  id: ConferenceId,
  { document, defaults = noDefaults }: Pick<Conference, 'document' | 'defaults'>,
): Conference => ({
  id,
  account,
  document,
  defaults,
  revision: 0,
  createdAt: 0,
  modifiedAt: 0,
  deletedAt: undefined,
  locked: false,
  room: undefined,
  nextNumber: 1,
  sequence: 0,
});
