import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';
import { freePorts } from './free-ports.ts';
import type { ServerCertificate } from './postgres.ts';
import { needs } from './programs.ts';

/** Debian's wrapper in /usr/sbin insists on the user rabbitmq and its own directory; this is what it wraps. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const CONTROL = '/usr/lib/rabbitmq/bin/rabbitmqctl';
const SECONDS = 60;

/** A RabbitMQ of our own in a directory of its own, with its own port mapper; it can die and come back with what it kept. */
export class Rabbit {
  readonly url: string;
  readonly #directory: string;
  readonly #port: number;
  readonly #isSecure: boolean;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #mapper: ChildProcess;
  #server: ChildProcess | undefined;

  /** Use `openRabbit`. */
  constructor(directory: string, ports: { amqp: number; distribution: number; mapper: number }, certificate?: ServerCertificate) {
    this.#directory = directory;
    this.#port = ports.amqp;
    this.#isSecure = certificate !== undefined;
    this.url = `${this.#isSecure ? 'amqps' : 'amqp'}://guest:guest@127.0.0.1:${ports.amqp}/`;
    const file = (name: string): string => join(directory, name);
    if (certificate !== undefined) {
      writeFileSync(file('cert.pem'), certificate.cert);
      writeFileSync(file('key.pem'), certificate.key, { mode: 0o600 });
    }
    writeFileSync(file('rabbitmq.conf'), configuration(ports.amqp, certificate && directory));
    writeFileSync(file('enabled_plugins'), '[].\n');
    writeFileSync(file('environment'), '');
    this.#environment = {
      PATH: process.env['PATH'],
      HOME: directory,
      ERL_EPMD_PORT: String(ports.mapper),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `parley-${ports.amqp}@localhost`,
      RABBITMQ_DIST_PORT: String(ports.distribution),
      RABBITMQ_CONF_ENV_FILE: file('environment'),
      RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins'),
      RABBITMQ_MNESIA_BASE: file('kept'),
      RABBITMQ_LOG_BASE: file('log'),
      RABBITMQ_LOGS: file('rabbit.log'),
      RABBITMQ_PID_FILE: file('pid'),
      RABBITMQ_GENERATED_CONFIG_DIR: file('generated'),
      // Small buffers, one scheduler: tests share the machine.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}',
    };
    this.#mapper = spawn('epmd', ['-port', String(ports.mapper), '-address', '127.0.0.1'], { stdio: 'ignore', env: this.#environment });
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const server = spawn(SERVER, [], { cwd: this.#directory, env: this.#environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#server = server;
    let said = '';
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (bytes) => (said += bytes));
    for (let tries = 0; tries < SECONDS * 10; tries++) {
      if (server.exitCode !== null) break;
      if (await this.#answers()) return;
      await new Promise((next) => setTimeout(next, 100));
    }
    throw new Error(`RabbitMQ does not start\n${said.slice(-3000)}\n${this.#log()}`);
  }

  /** `kill -9`: whatever was not on disk is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** What `rabbitmqctl` can do. */
  async control(...args: readonly string[]): Promise<void> {
    const child = spawn(CONTROL, args, { cwd: this.#directory, env: this.#environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`rabbitmqctl ended with ${code}\n${said}`);
  }

  async close(): Promise<void> {
    await this.#end('SIGKILL');
    this.#mapper.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The server, its start script and its children are a process group of their own. */
  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    process.kill(-server.pid, signal);
    await gone;
  }

  /** True when AMQP is spoken, not only when the port is open. */
  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const at = { port: this.#port, host: '127.0.0.1' };
      const socket = this.#isSecure ? connectSecurely({ ...at, rejectUnauthorized: false }) : connect(at);
      const end = (answer: boolean): void => {
        socket.destroy();
        resolve(answer);
      };
      socket.setTimeout(2000, () => end(false));
      socket.once('error', () => end(false));
      socket.once(this.#isSecure ? 'secureConnect' : 'connect', () => socket.write('AMQP\u0000\u0000\u0009\u0001'));
      // connection.start, a method frame.
      socket.once('data', (bytes) => end(bytes[0] === 1));
    });
  }

  #log(): string {
    try {
      return readFileSync(join(this.#directory, 'rabbit.log'), 'utf8').slice(-3000);
    } catch {
      return '';
    }
  }
}

/** Starts one; whoever opens it closes it. With a certificate it speaks TLS and nothing else. */
export async function openRabbit(certificate?: ServerCertificate): Promise<Rabbit> {
  needs('rabbitmq-server');
  const [amqp, distribution, mapper] = await freePorts(3);
  if (amqp === undefined || distribution === undefined || mapper === undefined) throw new Error('no free ports');
  const rabbit = new Rabbit(mkdtempSync(join(tmpdir(), 'parley-rabbit-')), { amqp, distribution, mapper }, certificate);
  try {
    await rabbit.start();
  } catch (error) {
    await rabbit.close();
    throw error;
  }
  return rabbit;
}

const listeners = (port: number, secured: string | undefined): string =>
  secured === undefined
    ? `listeners.tcp.1 = 127.0.0.1:${port}`
    : `listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:${port}
ssl_options.cacertfile = ${secured}/cert.pem
ssl_options.certfile = ${secured}/cert.pem
ssl_options.keyfile = ${secured}/key.pem
ssl_options.verify = verify_none`;

const configuration = (port: number, secured: string | undefined): string => `${listeners(port, secured)}
disk_free_limit.absolute = 1MB
vm_memory_high_watermark.absolute = 1GB
log.file.level = warning
`;
