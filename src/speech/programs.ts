import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Clock, type Closable, Failure } from '../base/index.ts';

/** One run of a program. */
export interface ProgramRun {
  /** An absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  /** How errors call it. Default the name of the file. */
  readonly name?: string;
  /** What it reads. */
  readonly input?: string | Uint8Array;
  /** ms after which it is killed. */
  readonly timeoutMs: number;
  /** More output ends it. */
  readonly maxBytes: number;
}

/** What the runner needs. */
export interface ProgramsOptions {
  readonly clock: Clock;
  /** Folders in which programs are looked for, divided as in PATH. Default the usual ones. */
  readonly path?: string;
}

const USUAL = ['/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);

export const failed = (words: string, cause?: unknown): Failure =>
  new Failure('unavailable', 'speech_failed', words, cause === undefined ? {} : { cause });

/**
 * Runs programs of others in processes of their own: no shell, arguments as they are, none of our environment (there are secrets in it), and an end
 * at the latest when the time is over.
 */
export class Programs implements Closable {
  readonly #clock: Clock;
  readonly #path: string;
  readonly #running = new Set<ChildProcess>();
  readonly #ends = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor({ clock, path = USUAL }: ProgramsOptions) {
    this.#clock = clock;
    this.#path = path;
  }

  /** Where a program is; undefined: not installed. */
  locate(name: string): string | undefined {
    const places = this.#path.split(delimiter).filter((each) => each.startsWith('/'));
    return places.map((each) => join(each, name)).find(isProgram);
  }

  /** What the program wrote to stdout. Rejects with unavailable/speech_failed when it failed. */
  run(run: ProgramRun): Promise<Uint8Array> {
    if (this.#isClosed) return Promise.reject(new Failure('unavailable', 'closed', 'the server is stopping'));
    const ran = this.#run(run);
    const end = ran.catch(() => {});
    this.#ends.add(end);
    void end.then(() => this.#ends.delete(end));
    return ran;
  }

  /** With a folder of its own for its files, removed afterwards. */
  async inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-speech-'));
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Runs one that reads a file and writes another; gives what it wrote there. */
  throughFiles(input: string | Uint8Array, run: (from: string, to: string) => ProgramRun): Promise<Uint8Array> {
    return this.inFolder(async (folder) => {
      const [from, to] = [join(folder, 'in'), join(folder, 'out.wav')];
      await writeFile(from, input, { mode: 0o600 });
      await this.run(run(from, to));
      return new Uint8Array(await readFile(to));
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const child of this.#running) child.kill('SIGKILL');
    await Promise.all(this.#ends);
  }

  #run({ file, args, name = nameOf(file), input, timeoutMs, maxBytes }: ProgramRun): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const env = { PATH: this.#path, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };
      const child = spawn(file, args, { shell: false, env, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
      this.#running.add(child);
      const chunks: Uint8Array[] = [];
      let [length, words, why] = [0, '', ''];
      const kill = (reason: string): void => {
        why ||= reason;
        child.kill('SIGKILL');
      };
      const alarm = this.#clock.wake(this.#clock.now() + timeoutMs, () => kill(`gave no answer within ${timeoutMs} ms`));
      child.stdout.on('data', (chunk: Uint8Array) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > maxBytes) kill('wrote without end');
      });
      child.stderr.on('data', (chunk: Uint8Array) => {
        if (words.length < 300) words += chunk.toString();
      });
      // A program that ends before it has read everything says so by its exit.
      child.stdin.on('error', () => {});
      child.stdin.end(input ?? '');
      const over = (): void => {
        alarm.cancel();
        this.#running.delete(child);
      };
      child.once('error', (cause) => {
        over();
        reject(failed(`${name} cannot be run`, cause));
      });
      child.once('close', (code, signal) => {
        over();
        if (code === 0 && why === '') resolve(new Uint8Array(Buffer.concat(chunks)));
        else reject(failed(`${name} ${why || `ended with ${code ?? signal}`}: ${words.trim().slice(0, 300)}`));
      });
    });
  }
}

const nameOf = (file: string): string => file.split('/').at(-1) ?? file;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
