/** The real server with people in a conference, and the process with the clients of events.ts and webhooks.ts. */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Json } from '../src/base/index.ts';
import { eventually, House, participants } from '../test/kit/house.ts';
import { Callers } from './calls.ts';
import type { Report, Task } from './event-clients.ts';
import { dataDirectory, MEASURED_CORE, pin } from './subjects.ts';

const NUMBER = '70001';

/** A process with clients: it is given one task after the other. */
export class Readers<Wish extends object = Task, Told = Report> {
  readonly #child: ChildProcess;

  constructor(file = './event-clients.ts') {
    this.#child = fork(new URL(file, import.meta.url));
  }

  async run(task: Wish): Promise<Told> {
    const over = new AbortController();
    try {
      const { signal } = over;
      const told = once(this.#child, 'message', { signal });
      const died = once(this.#child, 'exit', { signal }).then(([code]) => Promise.reject(new Error(`the readers ended with ${code}`)));
      this.#child.send(task);
      const [{ report, error }] = (await Promise.race([told, died])) as [{ report?: Told; error?: string }];
      died.catch(() => {});
      if (report === undefined) throw new Error(error);
      return report;
    } finally {
      over.abort();
    }
  }

  close(): void {
    this.#child.removeAllListeners('exit');
    this.#child.disconnect();
  }
}

/** The real server with a conference that has people in it; their telephones are silent. */
export class Scene {
  readonly #house: House;
  readonly #dataDir: string;
  #callers: Callers | undefined;
  #conference = '';

  private constructor(house: House, dataDir: string) {
    this.#house = house;
    this.#dataDir = dataDir;
  }

  static async open(people: number, isPinned: boolean, more: Record<string, string> = {}): Promise<Scene> {
    const { dataDir, env } = dataDirectory();
    const house = await new House({ dataDir, env: { ...env, ...more }, patient: false }).start();
    if (isPinned) pin(house.pid, MEASURED_CORE);
    const scene = new Scene(house, dataDir);
    const document = { name: 'bench', member: { join_muted: false }, conference_numbers: [NUMBER] };
    scene.#conference = (await house.kazoo('PUT', '/conferences', document)).body.data.id;
    scene.#callers = await Callers.open(house.sip);
    // Nothing is said: the far ends need not exist.
    for (let n = 0; n < people; n++) await scene.#callers.call(n, { number: NUMBER, codec: 'PCMU', address: '127.0.0.1', port: 9 });
    const everybody = async (): Promise<boolean> => (await participants(house, scene.#conference)).size > 0;
    if (people > 0) await eventually(everybody, 'nobody came in');
    return scene;
  }

  get pid(): number {
    return this.#house.pid;
  }

  get #http(): string {
    return this.#house.http;
  }

  get #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#house.first.access_key}`, 'content-type': 'application/json' };
  }

  /** Everybody follows by our own stream. */
  connect(count: number): Task {
    const url = `${this.#http.replace('http', 'ws')}/api/events`;
    return { do: 'connect', url, count, headers: this.#headers, hello: '', until: '"live"' };
  }

  /** Everybody follows by KAZOO's websocket. */
  async subscribe(count: number): Promise<Task> {
    const { blackhole: url } = this.#house;
    if (url === undefined) throw new Error('the server has no Blackhole');
    const data = { account_id: this.#house.first.account_id, binding: `conference.event.${this.#conference}.*` };
    const hello = JSON.stringify({ action: 'subscribe', auth_token: await this.#token(), data });
    return { do: 'connect', url, count, headers: {}, hello, until: '"success"' };
  }

  /** `words` tell that the one who is steered was muted, and that he was unmuted. */
  act(seconds: number, words: readonly [string, string]): Task {
    const { url, headers } = this.steer(1, {});
    return { do: 'act', url, headers, perSecond: 10, seconds, words };
  }

  /** A PATCH of one participant. */
  steer(number: number, body: Json): { readonly url: string; readonly headers: Record<string, string>; readonly body: string } {
    const url = `${this.#http}/api/conferences/${this.#conference}/participants/${number}`;
    return { url, headers: this.#headers, body: JSON.stringify(body) };
  }

  /** A request to our own API; its answer must be 2xx. */
  async api(method: string, path: string, body: Json): Promise<void> {
    const answer = await this.#house.fetch(method, `/api${path}`, { headers: this.#headers, body });
    if (answer.status > 299) throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }

  /** Everybody is muted and unmuted in turn: as many facts as there are people, each time. */
  async flood(seconds: number): Promise<Extract<Task, { do: 'count' }>> {
    const { account_id: account } = this.#house.first;
    const url = `${this.#http}/v2/accounts/${account}/conferences/${this.#conference}/participants`;
    const headers = { 'x-auth-token': await this.#token(), 'content-type': 'application/json' };
    const requests = ['mute', 'unmute'].map((action) => ({ url, headers, body: JSON.stringify({ data: { action } }) }));
    return { do: 'count', seconds, requests };
  }

  /** With a token, requests are not counted against the rate. */
  async #token(): Promise<string> {
    const { username, password, account_name } = this.#house.first;
    const credentials = createHash('md5').update(`${username}:${password}`).digest('hex');
    const { body } = await this.#house.fetch('PUT', '/v2/user_auth', { body: { data: { credentials, account_name } } });
    return body.auth_token;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#callers?.close();
    this.#callers = undefined;
    await this.#house.close();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}
