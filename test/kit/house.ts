import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../../src/base/index.ts';
import { PATIENT } from './patient.ts';
import { Phone, type PhoneOptions } from './phone.ts';
import { compareWith } from './published-answers.ts';
import './suppressed.ts';

/** `first-account.json`. */
export interface First {
  readonly account_id: string;
  readonly account_name: string;
  readonly realm: string;
  readonly api_key: string;
  readonly user_id: string;
  readonly username: string;
  readonly password: string;
  readonly access_key: string;
  readonly conference_id: string;
  readonly conference_number: string;
}

export interface HouseOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Kept on close when given; else a temporary one that is removed. */
  readonly dataDir?: string;
  /** Turns nobody away because the machine is busy. Default: true. */
  readonly patient?: boolean;
}

/** An HTTP answer: its status, and the body as it came. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
}

const root = join(import.meta.dirname, '..', '..');

/** Waits until `look` gives something; fails with what `otherwise` says. */
export async function eventually<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  otherwise: string,
  within = 15_000,
): Promise<T> {
  const start = performance.now();
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() - start > within) throw new Error(`${otherwise} (waited ${within} ms)`);
    await new Promise((wake) => setTimeout(wake, 30));
  }
}

/** The real server in a process of its own, on free ports, with a data directory of its own. */
export class House {
  readonly dataDir: string;
  readonly #options: HouseOptions;
  readonly #phones: Phone[] = [];
  #child: ChildProcess | undefined;
  #exit: Promise<number | NodeJS.Signals> = Promise.resolve(0);
  #output = '';
  #token: string | undefined;
  #ready: { http: string; https?: string; sip: string; sips?: string; blackhole?: string; pid: number } = { http: '', sip: '', pid: 0 };

  constructor(options: HouseOptions) {
    this.#options = options;
    this.dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'parley-test-'));
  }

  /** `http://127.0.0.1:port`. */
  get http(): string {
    return this.#ready.http;
  }

  /** `https://127.0.0.1:port`, or undefined. */
  get https(): string | undefined {
    return this.#ready.https;
  }

  /** `127.0.0.1:port` of SIP over TLS, or undefined. */
  get sips(): string | undefined {
    return this.#ready.sips;
  }

  /** `ws://127.0.0.1:port` of KAZOO's websocket, or undefined. */
  get blackhole(): string | undefined {
    return this.#ready.blackhole;
  }

  /** `127.0.0.1:port`. */
  get sip(): string {
    return this.#ready.sip;
  }

  get pid(): number {
    return this.#ready.pid;
  }

  /** Everything the server wrote to stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  get first(): First {
    return JSON.parse(readFileSync(join(this.dataDir, 'first-account.json'), 'utf8'));
  }

  get readyFile(): string {
    return join(this.dataDir, 'ready.json');
  }

  /** Starts the server; resolves when it says that it is ready. */
  async start(): Promise<this> {
    this.#token = undefined;
    const child = spawn(process.execPath, ['--max-semi-space-size=8', '--expose-gc', 'src/cli/main.ts', 'start'], {
      cwd: root,
      env: {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PARLEY_|NODE_TEST)/.test(name))),
        PARLEY_DATA_DIR: this.dataDir,
        PARLEY_HOST: '127.0.0.1',
        PARLEY_HTTP_PORT: '0',
        PARLEY_HTTPS_PORT: '0',
        PARLEY_BLACKHOLE_PORT: '0',
        PARLEY_SIP_PORT: '0',
        PARLEY_SIP_TLS_PORT: '0',
        PARLEY_RTP_PORTS: '0',
        PARLEY_LOG_LEVEL: 'info',
        // The kit's phones live here; they are called by SIP URIs too.
        PARLEY_DIAL_ALLOW_NETWORKS: 'loopback',
        ...(this.#options.patient === false ? {} : PATIENT),
        ...this.#options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (this.#output += bytes));
    this.#exit = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')));
    await this.#becomesReady();
    return this;
  }

  /** SIGTERM; gives the exit code (or signal) and how long it took in ms. */
  async stop(): Promise<{ code: number | NodeJS.Signals; ms: number }> {
    return this.#end('SIGTERM');
  }

  /** SIGKILL: what a crash or a power cut looks like to the process. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** A phone of this house, closed with it. */
  async phone(options: Omit<PhoneOptions, 'server'>): Promise<Phone> {
    const phone = await Phone.open({ server: this.sip, ...options });
    this.#phones.push(phone);
    return phone;
  }

  /** One HTTP request as it is. */
  async fetch(
    method: string,
    path: string,
    { body, headers = {} }: { body?: Json; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.http}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    await compareWith(this.http, { method, path }, { status: response.status, type, body: text });
    try {
      return { status: response.status, body: JSON.parse(text) };
    } catch {
      return { status: response.status, body: text };
    }
  }

  /** KAZOO below `/v2/accounts/{first account}`, logged in. `data` is the body's `data`; the answer's must be 2xx unless `any`. */
  async kazoo(method: string, path: string, data?: Json, { any = false } = {}): Promise<Answer> {
    const answer = await this.fetch(method, `/v2/accounts/${this.first.account_id}${path}`, {
      headers: { 'x-auth-token': await this.#logIn() },
      ...(data === undefined ? {} : { body: { data } }),
    });
    if (!any && (answer.status < 200 || answer.status > 299)) {
      throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer;
  }

  /** An act on a conference, all of its participants or one: `kazoo` rooms' `{action, data}`. */
  act(path: string, action: string, data?: Json): Promise<Answer> {
    return this.kazoo('PUT', `/conferences/${path}`, { action, ...(data === undefined ? {} : { data }) });
  }

  /** Ends the phones, for the next test of this house. */
  async hangUpAll(): Promise<void> {
    await Promise.all(this.#phones.splice(0).map((each) => each.close()));
  }

  /** Ends everything: phones, process, directory. Shows the server's output when it did not exit well. */
  async close(): Promise<void> {
    await this.hangUpAll();
    if (this.#child !== undefined) {
      const { code } = await this.#end('SIGTERM');
      const late = code === 'SIGKILL' ? ' (it was told to end, and had not within 30 s)' : '';
      if (code !== 0) throw new Error(`the server ended with ${code}${late}:\n${this.#output.slice(-8000)}`);
    }
    if (this.#options.dataDir === undefined) rmSync(this.dataDir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #becomesReady(): Promise<void> {
    const over = new AbortController();
    const exited = this.#exit.then((code) => `ended with ${code}`);
    try {
      // On a machine with twenty others a start of two seconds takes one minute.
      const late = new Promise<string>((resolve) => setTimeout(() => resolve('was not ready within 180 s'), 180_000).unref());
      const watcher = watch(this.dataDir, { signal: over.signal });
      const written = new Promise<'ready'>((resolve) => {
        const look = (): void => {
          if (!existsSync(this.readyFile)) return;
          try {
            const ready = JSON.parse(readFileSync(this.readyFile, 'utf8'));
            if (ready.pid !== this.#child?.pid) return; // A killed server left its own behind.
            this.#ready = ready;
            resolve('ready');
          } catch {
            // Half written; the next event brings the rest.
          }
        };
        watcher.on('change', look);
        look();
      });
      const outcome = await Promise.race([exited, late, written]);
      if (outcome === 'ready') return;
      // It is gone, and closing has nothing to say of it.
      await this.#end('SIGKILL');
      throw new Error(`the server ${outcome}:\n${this.#output.slice(-8000)}`);
    } finally {
      over.abort();
    }
  }

  async #end(signal: NodeJS.Signals): Promise<{ code: number | NodeJS.Signals; ms: number }> {
    const start = performance.now();
    this.#child?.kill(signal);
    const stuck = setTimeout(() => this.#child?.kill('SIGKILL'), 30_000);
    const code = await this.#exit;
    clearTimeout(stuck);
    this.#child = undefined;
    return { code, ms: performance.now() - start };
  }

  async #logIn(): Promise<string> {
    if (this.#token !== undefined) return this.#token;
    const { username, password, account_name } = this.first;
    const credentials = createHash('md5').update(`${username}:${password}`).digest('hex');
    const answer = await this.fetch('PUT', '/v2/user_auth', { body: { data: { credentials, account_name } } });
    if (answer.status !== 201) throw new Error(`user_auth was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    this.#token = String(answer.body.auth_token);
    return this.#token;
  }
}

/** Starts the server; `await using` stops it again. */
export const startHouse = (options: HouseOptions = {}): Promise<House> => new House(options).start();

/** The participants as `_read_only` shows them, by caller name. */
export async function participants(house: House, conference: string): Promise<Map<string, Answer['body']>> {
  const { body } = await house.kazoo('GET', `/conferences/${conference}/participants`);
  return new Map(body.data.map((each: Answer['body']) => [each.caller_id_name, each]));
}
