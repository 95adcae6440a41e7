import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { eventually } from './house.ts';
import { needs } from './programs.ts';
import { readWav, type Sound, writeWav } from './wav.ts';

export interface LinphoneOptions {
  /** A directory that it makes its own in. */
  readonly base: string;
  /** The SIP URI that it dials. */
  readonly dial: string;
  readonly voice: Sound;
  /** Further lines of the part `[sip]` of its configuration. */
  readonly sip?: readonly string[];
}

/** linphonec with all that it offers of its own accord; it plays a file and writes down what it hears. */
export class Linphone {
  readonly #directory: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  output = '';

  private constructor(directory: string) {
    this.#directory = directory;
    const args = ['-c', join(directory, 'linphonerc'), '-d', '6', '-l', join(directory, 'log')];
    this.#child = spawn(needs('linphonec'), args, { cwd: directory, env: { ...process.env, HOME: directory }, stdio: 'pipe' });
    this.#exit = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) stream.on('data', (bytes) => (this.output += bytes));
  }

  /** Resolves when the call is up and it speaks. */
  static async dial({ base, dial, voice, sip: own = [] }: LinphoneOptions): Promise<Linphone> {
    const directory = join(base, 'linphone');
    mkdirSync(join(directory, '.local/share/linphone'), { recursive: true });
    writeWav(join(directory, 'voice.wav'), voice);
    const [sip = 0, rtp = 0] = await freePorts(2);
    const config = ['[sip]', `sip_port=${sip}`, `sip_tcp_port=${sip}`, 'use_ipv6=0', ...own, '[rtp]', `audio_rtp_port=${rtp}`];
    writeFileSync(join(directory, 'linphonerc'), `${config.join('\n')}\n`);
    const phone = new Linphone(directory);
    try {
      await phone.#says('linphonec>');
      phone.say('soundcard use files');
      await phone.#says('Using wav files');
      phone.say(`record ${join(directory, 'heard.wav')}`);
      phone.say(`call ${dial}`);
      await phone.#says('Media streams established');
      phone.say(`play ${join(directory, 'voice.wav')}`);
    } catch (error) {
      await phone.quit();
      throw error;
    }
    return phone;
  }

  /** One line typed to it: a command, or a key to press. */
  say(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** The messages that it wrote into its log, as they stand there. */
  get log(): string {
    return readFileSync(join(this.#directory, 'log'), 'utf8');
  }

  /** What it wrote down, once it has quit: only then is the file whole. */
  heard(): Sound {
    return readWav(join(this.#directory, 'heard.wav'));
  }

  async quit(): Promise<void> {
    this.#child.stdin!.on('error', () => {}); // It may be gone already.
    for (const line of ['terminate', 'quit']) this.say(line);
    const stuck = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.#exit;
    clearTimeout(stuck);
  }

  async #says(words: string): Promise<void> {
    await eventually(() => this.output.includes(words), `linphonec does not say ${words}`, 15_000).catch((error: unknown) =>
      assert.fail(`${error}\n${this.output.slice(-3000)}`),
    );
  }
}
