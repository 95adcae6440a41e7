import type { Account, AccountId, Accounts } from '../../../accounts/index.ts';
import { Failure, isObject, type Json, type JsonObject, type Log, undashed } from '../../../base/index.ts';
import type { Amqp, AmqpDelivery } from '../../../bus/index.ts';
import type { Actor, ConferenceId, Dialling, Execute } from '../../../conference/index.ts';
import type { ToldCommand } from '../blackhole/blackhole.ts';
import { snakeStyle } from '../events.ts';
import { configResp, controlsResp, errorResp, type Switch, searchAllResp, searchResp } from './answers.ts';
import { commands } from './commands.ts';
import { type Bench, type Obey, Unfit } from './obey.ts';

/** What obeying needs. */
export interface InboxOptions extends Switch {
  /** Absent: nobody can be called. */
  readonly dialling?: Dialling | undefined;
  readonly amqp: Pick<Amqp, 'reply'>;
  readonly execute: Execute;
  readonly accounts: Pick<Accounts, 'account'>;
  /** The accounts that have an undeleted conference of this id. */
  readonly accountsOf: (conference: ConferenceId) => Promise<readonly AccountId[]>;
  readonly log: Log;
  readonly node: string;
  /** Told of every command that came to a conference; `Blackhole.tell`. */
  readonly told?: (command: ToldCommand) => void;
}

/** For the metrics. */
export interface InboxCounts {
  /** Messages that were obeyed. */
  obeyed: number;
  /** … that were refused with an `error`. */
  refused: number;
  /** … that were refused where nobody could be told. */
  unheard: number;
  /** Replies that no queue took. */
  unroutable: number;
}

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Takes what other programs ask over AMQP. Everything on the broker is trusted: who may connect is the broker's to say. */
export class Inbox {
  readonly counts: InboxCounts = { obeyed: 0, refused: 0, unheard: 0, unroutable: 0 };
  readonly #options: InboxOptions;
  /** The end of what runs for each conference: what came first is done first. */
  readonly #lines = new Map<string, Promise<void>>();

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Never rejects but for a bug: a message that cannot be obeyed is answered or counted. */
  take(delivery: AmqpDelivery): Promise<void> {
    const message = parsed(delivery.body);
    const line = text(message?.['Conference-ID']) ?? '';
    const done = (this.#lines.get(line) ?? Promise.resolve()).then(() => this.#serve(message, delivery));
    const settled = done.then(
      () => {},
      () => {},
    );
    this.#lines.set(line, settled);
    void settled.then(() => {
      if (this.#lines.get(line) === settled) this.#lines.delete(line);
    });
    return done;
  }

  async #serve(message: JsonObject | undefined, { key }: AmqpDelivery): Promise<void> {
    if (message === undefined) return this.#unheard('a message over AMQP is no JSON object', key);
    let answer: JsonObject | undefined;
    try {
      answer = await this.#obey(message, key);
      this.counts.obeyed += 1;
    } catch (error) {
      const words = wordsOf(error, message);
      if (words === undefined) {
        this.#options.log.error('a message over AMQP failed unexpectedly', { key, error });
      }
      if (text(message['Server-ID']) === undefined) return this.#unheard(words ?? 'unexpected failure', key);
      this.counts.refused += 1;
      answer = errorResp(words ?? 'unspecified fault', message, this.#options.node);
    }
    if (answer !== undefined) await this.#reply(answer, message);
  }

  async #reply(answer: JsonObject, asked: JsonObject): Promise<void> {
    const queue = text(asked['Server-ID']);
    // It was obeyed; that nobody wants to know is his affair.
    if (queue === undefined) return;
    const id = asked['Msg-ID'];
    const body = JSON.stringify({ ...answer, ...(id === undefined ? {} : { 'Msg-ID': id }), 'Server-ID': '' });
    const properties = { contentType: 'application/json', persistent: false, ...(typeof id === 'string' ? { correlationId: id } : {}) };
    try {
      if (!(await this.#options.amqp.reply(queue, properties, body))) this.counts.unroutable += 1;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.counts.unroutable += 1;
    }
  }

  #unheard(why: string, key: string): void {
    this.counts.unheard += 1;
    this.#options.log.warn('a message over AMQP could not be obeyed, and nobody could be told', { why, key });
  }

  async #obey(message: JsonObject, key: string): Promise<JsonObject | undefined> {
    if (message['Event-Category'] !== 'conference') throw new Unfit('Event-Category must be conference');
    const name = text(message['Event-Name']);
    switch (name) {
      case 'command':
        return this.#command(message, key);
      case 'search_req':
        return this.#search(message);
      case 'config_req':
        return this.#config(message);
      case 'discovery_req':
      case 'add_participant':
        throw new Unfit(`not implemented: this server does not do '${name}' yet`);
      default:
        throw new Unfit(name === undefined ? 'Event-Name is required' : `unknown Event-Name '${name}'`);
    }
  }

  async #command(message: JsonObject, key: string): Promise<JsonObject | undefined> {
    const name = text(message['Application-Name']);
    if (name === undefined) throw new Unfit('Application-Name is required');
    const obey: Obey | undefined = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (obey === undefined) throw new Unfit(`unknown Application-Name '${name}'`);
    const bench = await this.#bench(message);
    const { conference, actor } = bench;
    this.#options.told?.({ account: actor.account, conference, key, message: snakeStyle(message) });
    return obey(bench);
  }

  async #bench(message: JsonObject): Promise<Bench> {
    const id = text(message['Conference-ID']);
    if (id === undefined) throw new Unfit('Conference-ID is required');
    const conference = undashed(id) as ConferenceId;
    const account = await this.#accountOf(message, conference);
    return this.#benchOf(message, account, conference);
  }

  #benchOf(message: JsonObject, account: Account, conference: ConferenceId): Bench {
    const { execute, node } = this.#options;
    const actor: Actor = { account: account.id, kind: 'api' };
    return { message, conference, execute, actor, place: { node, account }, dialling: this.#options.dialling };
  }

  /** The one that is named, else the one that has the conference: ids are unique only within an account. */
  async #accountOf(message: JsonObject, conference: ConferenceId): Promise<Account> {
    const vars = message['Custom-Channel-Vars'];
    const named = text(message['Account-ID']) ?? text(isObject(vars) ? vars['Account-ID'] : undefined);
    if (named !== undefined) return this.#account(undashed(named) as AccountId);
    const [one, ...others] = await this.#options.accountsOf(conference);
    if (one === undefined) throw notFound(conference);
    if (others.length > 0) throw new Unfit(`Conference ${conference} is in several accounts: name an Account-ID`);
    return this.#account(one);
  }

  async #account(id: AccountId): Promise<Account> {
    const account = await this.#options.accounts.account(id);
    if (account === undefined) throw new Unfit(`Account ${id} not found`);
    return account;
  }

  async #search(message: JsonObject): Promise<JsonObject> {
    const { execute } = this.#options;
    if (text(message['Conference-ID']) !== undefined) {
      const { conference, actor, place } = await this.#bench(message);
      const view = await execute('conference.read', { conference }, actor);
      if (view.conference.room === undefined) throw notFound(conference);
      return searchResp(view, place, this.#options);
    }
    const named = text(message['Account-ID']);
    if (named === undefined) throw new Unfit('Conference-ID or Account-ID is required');
    const { actor, place } = this.#benchOf(message, await this.#account(undashed(named) as AccountId), '' as ConferenceId);
    return searchAllResp(await execute('conference.running', {}, actor), place, this.#options);
  }

  async #config(message: JsonObject): Promise<JsonObject> {
    const { Request: request } = message;
    if (request !== 'Conference' && request !== 'Controls') throw new Unfit('Request must be Conference or Controls');
    const [profile, controls] = [text(message['Profile']), text(message['Controls'])];
    const name = request === 'Controls' ? (controls ?? profile) : profile;
    if (name === undefined) throw new Unfit(`${request === 'Controls' ? 'Controls' : 'Profile'} is required`);
    const { conference, actor, place } = await this.#bench(message);
    const view = await this.#options.execute('conference.read', { conference }, actor);
    return request === 'Controls' ? controlsResp(view, name, place) : configResp(view, name, place);
  }
}

const notFound = (id: string): Unfit => new Unfit(`Conference ${id} not found`);

/** A JSON object; undefined for anything else. */
function parsed(body: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What is said to whoever sent it; undefined: nobody expected this. */
function wordsOf(error: unknown, message: JsonObject): string | undefined {
  if (error instanceof Unfit) return error.message;
  if (!(error instanceof Failure)) return undefined;
  if (error.code === 'conference_not_found') return `Conference ${message['Conference-ID']} not found`;
  if (error.code === 'participant_not_found' && isObject(error.details)) return `Participant ${error.details['id']} not found`;
  return error.message;
}
