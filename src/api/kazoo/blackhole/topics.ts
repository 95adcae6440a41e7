import type { AccountId } from '../../../accounts/index.ts';
import type { ConferenceId, ParticipantId } from '../../../conference/index.ts';
import { type Binding, subscriptionKey } from './binding.ts';

/** What somebody told of a topic has missed: participants whose start of talking was dropped, so that the stop is dropped too. */
export type Missed = Set<ParticipantId>;

/** One binding in one account, and everybody who has it: what goes to them is the same, byte by byte. */
export interface Topic<Who> {
  readonly account: AccountId;
  readonly binding: Binding;
  /** The frame's keys of this binding, as JSON text without braces. */
  readonly keys: string;
  readonly listeners: Map<Who, Missed>;
}

/** What a message is about. */
export interface Address {
  readonly kind: Binding['kind'];
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** Undefined where it concerns no call: the conference stands in its place, as in KAZOO's routing keys. */
  readonly call: string | undefined;
}

interface Shelf<Who> {
  readonly topics: Map<string, Topic<Who>>;
  readonly byConference: Map<ConferenceId | '*', Set<Topic<Who>>>;
}

/** Who listens to what, found by account and conference. */
export class Topics<Who> {
  readonly #shelves = new Map<AccountId, Shelf<Who>>();

  /** How many bindings there are, each counted once however many have it. */
  get size(): number {
    return [...this.#shelves.values()].reduce((sum, { topics }) => sum + topics.size, 0);
  }

  /** Whether anybody listens to anything of this account. */
  has(account: AccountId): boolean {
    return this.#shelves.has(account);
  }

  add(who: Who, account: AccountId, binding: Binding): Topic<Who> {
    const shelf = this.#shelves.get(account) ?? this.#newShelf(account);
    const topic = shelf.topics.get(binding.text) ?? newTopic(shelf, account, binding);
    if (!topic.listeners.has(who)) topic.listeners.set(who, new Set());
    return topic;
  }

  remove(who: Who, { account, binding, listeners }: Topic<Who>): void {
    listeners.delete(who);
    const shelf = this.#shelves.get(account);
    const topic = shelf?.topics.get(binding.text);
    if (shelf === undefined || topic === undefined || topic.listeners.size > 0) return;
    shelf.topics.delete(binding.text);
    const same = shelf.byConference.get(binding.conference);
    same?.delete(topic);
    if (same?.size === 0) shelf.byConference.delete(binding.conference);
    if (shelf.topics.size === 0) this.#shelves.delete(account);
  }

  /** The topics that a message belongs to. */
  of({ kind, account, conference, call }: Address): readonly Topic<Who>[] {
    const shelf = this.#shelves.get(account);
    if (shelf === undefined) return [];
    const near = [...(shelf.byConference.get(conference) ?? []), ...(shelf.byConference.get('*') ?? [])];
    return near.filter(({ binding }) => binding.kind === kind && (binding.call === '*' || binding.call === (call ?? conference)));
  }

  #newShelf(account: AccountId): Shelf<Who> {
    const shelf: Shelf<Who> = { topics: new Map(), byConference: new Map() };
    this.#shelves.set(account, shelf);
    return shelf;
  }
}

function newTopic<Who>(shelf: Shelf<Who>, account: AccountId, binding: Binding): Topic<Who> {
  const keys = JSON.stringify({ subscribed_key: binding.text, subscription_key: subscriptionKey(binding, account) }).slice(1, -1);
  const topic: Topic<Who> = { account, binding, keys, listeners: new Map() };
  shelf.topics.set(binding.text, topic);
  const same = shelf.byConference.get(binding.conference) ?? new Set();
  shelf.byConference.set(binding.conference, same.add(topic));
  return topic;
}
