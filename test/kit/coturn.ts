import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { eventually } from './house.ts';
import { needs } from './programs.ts';

/** Ports from which it sends on; below those of `freePorts`. */
const RELAYS = { first: 20_000, last: 20_999 } as const;

/** A TURN server that we did not write (RFC 8656), with names and passwords that are good for a time; UDP and TCP on 127.0.0.1. */
export class Coturn {
  readonly port: number;
  readonly secret: string;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #output = '';

  private constructor(child: ChildProcess, { port, secret, folder }: { port: number; secret: string; folder: string }) {
    this.#child = child;
    this.port = port;
    this.secret = secret;
    this.#folder = folder;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (this.#output += bytes));
  }

  static async open(secret: string): Promise<Coturn> {
    const [port = 0] = await freePorts(1);
    const folder = mkdtempSync(join(tmpdir(), 'parley-coturn-'));
    const child = spawn(
      needs('turnserver'),
      [
        ...['-n', '--no-cli', '--no-tls', '--no-dtls', '--verbose', '--log-file=stdout', '--simple-log', '--fingerprint'],
        ...['--use-auth-secret', `--static-auth-secret=${secret}`, '--realm=turn.test', '--allow-loopback-peers'],
        ...[`--listening-port=${port}`, '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', '--relay-threads=1'],
        ...[`--min-port=${RELAYS.first}`, `--max-port=${RELAYS.last}`],
        ...[`--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'users')}`],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder },
    );
    const server = new Coturn(child, { port, secret, folder });
    await eventually(() => {
      if (child.exitCode !== null) throw new Error(`coturn ended with ${child.exitCode}:\n${server.#output.slice(-3000)}`);
      return /TCP listener opened on/.test(server.#output);
    }, 'coturn does not listen');
    return server;
  }

  /** What it has told. */
  get output(): string {
    return this.#output;
  }

  /** The names for which it relays, in the order of their allocations. */
  get users(): readonly string[] {
    return [...this.#output.matchAll(/new, realm=<[^>]*>, username=<([^>]*)>/g)].map(([, name]) => name!);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
