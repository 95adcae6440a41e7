import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { freePorts } from './free-ports.ts';
import { needs } from './programs.ts';

/** PostgreSQL refuses to run as root; Debian's package makes this user. */
const USER = 'postgres';

const idOf = (option: '-u' | '-g'): number => Number(execFileSync('id', [option, USER], { encoding: 'utf8' }));

/** A certificate and its key, both PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Debian's PostgreSQL with a data folder of its own, on a port of 127.0.0.1, with fsync on. */
export class Postgres {
  readonly folder: string;
  readonly port: number;
  readonly #program: string;
  readonly #as: { readonly uid?: number; readonly gid?: number };
  #process: ChildProcess | undefined;
  #isSecure = false;
  #schemas = 0;

  private constructor(port: number) {
    this.#program = needs('postgres');
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), 'parley-postgres-'));
    this.#as = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
    if (this.#as.uid !== undefined && this.#as.gid !== undefined) chownSync(this.folder, this.#as.uid, this.#as.gid);
  }

  /** Makes and starts one; it is ready when this resolves. With a certificate it takes nobody over the network but by TLS. */
  static async start(certificate?: ServerCertificate): Promise<Postgres> {
    const [port] = await freePorts(1);
    const server = new Postgres(port!);
    const initdb = join(dirname(server.#program), 'initdb');
    const options = ['-D', server.folder, '-U', 'parley', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
    execFileSync(initdb, options, { ...server.#as, cwd: '/', stdio: 'ignore' });
    if (certificate !== undefined) server.#secure(certificate);
    await server.resume();
    return server;
  }

  /** Where a new, empty schema is: as good as a database of its own, and made at once. */
  async newUrl(): Promise<string> {
    const schema = `parley_${++this.#schemas}`;
    await this.sql(`CREATE SCHEMA ${schema}`);
    return `${this.url}?options=-c%20search_path%3D${schema}`;
  }

  get url(): string {
    return `postgres://parley@127.0.0.1:${this.port}/postgres`;
  }

  /** Runs SQL beside whoever uses the server. */
  async sql(text: string, url = this.url): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(text)).rows ?? [];
    } finally {
      await client.end();
    }
  }

  /** `kill -9` of the server and of all its processes, which would otherwise end what they are at. */
  async kill(): Promise<void> {
    const pid = this.#process?.pid;
    const children = pid === undefined ? [] : readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    const gone = this.#end('SIGKILL');
    for (const each of children) process.kill(Number(each), 'SIGKILL');
    await gone;
  }

  /** Starts it again, again and again while the processes of a killed one still hold its memory. */
  async resume(): Promise<void> {
    for (let tried = 1; !(await this.#isReady()); tried++) assert.ok(tried < 50, 'PostgreSQL does not start');
  }

  /** Ends it and removes its folder. */
  async close(): Promise<void> {
    await this.#end('SIGINT');
    rmSync(this.folder, { recursive: true });
  }

  #secure({ cert, key }: ServerCertificate): void {
    const put = (name: string, text: string): void => {
      const file = join(this.folder, name);
      writeFileSync(file, text, { mode: 0o600 });
      if (this.#as.uid !== undefined && this.#as.gid !== undefined) chownSync(file, this.#as.uid, this.#as.gid);
    };
    put('server.crt', cert);
    put('server.key', key);
    put('pg_hba.conf', 'hostssl all all 127.0.0.1/32 trust\n');
    this.#isSecure = true;
  }

  async #isReady(): Promise<boolean> {
    const settings = [
      ...(this.#isSecure ? ['ssl=on'] : []),
      'fsync=on',
      'full_page_writes=on',
      'shared_buffers=32MB',
      `unix_socket_directories=${this.folder}`,
    ];
    const args = ['-D', this.folder, '-h', '127.0.0.1', '-p', String(this.port), ...settings.flatMap((each) => ['-c', each])];
    const child = spawn(this.#program, args, { ...this.#as, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    for await (const line of createInterface({ input: child.stderr })) {
      if (!line.includes('database system is ready to accept connections')) continue;
      child.stderr.resume();
      return true;
    }
    return false;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}
