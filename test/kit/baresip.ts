import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { eventually } from './house.ts';
import { needs } from './programs.ts';
import { readWav, type Sound, secondsOf, writeWav } from './wav.ts';

const MODULES = ['/usr/lib/baresip/modules', `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/baresip/modules`];

/** What baresip calls a codec, the module that it is in, and the rate that its sound must have. */
const CODECS = {
  PCMU: { account: 'pcmu', module: 'g711.so', rate: 8000 },
  PCMA: { account: 'pcma', module: 'g711.so', rate: 8000 },
  G722: { account: 'g722', module: 'g722.so', rate: 16_000 },
  opus: { account: 'opus/48000/2', module: 'opus.so', rate: 48_000 },
} as const;

export type BaresipCodec = keyof typeof CODECS;

/** The rate of what a baresip with this codec says and hears. */
export const rateOf = (codec: BaresipCodec): number => CODECS[codec].rate;

export interface BaresipOptions {
  readonly name: string;
  /** A directory that it makes its own in. */
  readonly base: string;
  /** The SIP URI that it dials at once, without transport. Absent: it waits to be called. */
  readonly dial?: string;
  /** What carries its signalling. Default udp. */
  readonly transport?: 'udp' | 'tcp' | 'tls';
  /** The only one that it offers. */
  readonly codec: BaresipCodec;
  /** What it says, at the rate of its codec. */
  readonly voice: Int16Array;
  /** SDES-SRTP or nothing. */
  readonly encrypted?: boolean;
  /** Where it registers under its name, `host:port`, and its password there. Absent: nowhere. */
  readonly registers?: { readonly at: string; readonly password: string };
  /** Further lines of its configuration. */
  readonly config?: readonly string[];
}

/** A headless baresip that dials, plays a file and writes down what it hears. */
export class Baresip {
  readonly name: string;
  /** `host:port` where it takes SIP. */
  readonly address: string;
  readonly #out: string;
  readonly #control: number;
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  output = '';

  private constructor({ name, dial }: BaresipOptions, directory: string, { sip, control }: { sip: number; control: number }) {
    this.name = name;
    this.address = `127.0.0.1:${sip}`;
    this.#out = join(directory, 'out');
    this.#control = control;
    this.#child = spawn(needs('baresip'), ['-4', '-f', directory, ...(dial === undefined ? [] : ['-e', `/dial ${dial}`])], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) stream.on('data', (bytes) => (this.output += bytes));
  }

  static async dial(options: BaresipOptions): Promise<Baresip> {
    const { name, base, codec, voice, transport = 'udp', encrypted = false } = options;
    const { account, module, rate } = CODECS[codec];
    const directory = join(base, name);
    mkdirSync(join(directory, 'out'), { recursive: true });
    writeWav(join(directory, 'voice.wav'), { rate, samples: voice });
    const modules = MODULES.find((each) => existsSync(each)) ?? assert.fail(`baresip's modules are in none of ${MODULES.join(', ')}`);
    const [sip = 0, control = 0] = await freePorts(2);
    const config = [
      `sip_listen 127.0.0.1:${sip}`,
      'audio_player aufile,/dev/null',
      `audio_source aufile,${join(directory, 'voice.wav')}`,
      `ausrc_srate ${rate}`,
      `auplay_srate ${rate}`,
      'ausrc_channels 1',
      'auplay_channels 1',
      `module_path ${modules}`,
      ...['stdio.so', module, 'aufile.so', 'sndfile.so', ...(encrypted ? ['srtp.so'] : [])].map((each) => `module ${each}`),
      ...['uuid.so', 'account.so'].map((each) => `module_tmp ${each}`),
      ...['contact.so', 'debug_cmd.so', 'menu.so', 'ctrl_tcp.so'].map((each) => `module_app ${each}`),
      `ctrl_tcp_listen 127.0.0.1:${control}`,
      `snd_path ${join(directory, 'out')}`,
      ...(options.config ?? []),
    ];
    writeFileSync(join(directory, 'config'), `${config.join('\n')}\n`);
    // baresip puts the transport of its own URI behind what it dials.
    const media = encrypted ? ';mediaenc=srtp-mand' : '';
    const { at, password } = options.registers ?? { at: '127.0.0.1' };
    const login = password === undefined ? 'regint=0' : `regint=60;auth_user=${name};auth_pass=${password}`;
    writeFileSync(
      join(directory, 'accounts'),
      `<sip:${name}@${at};transport=${transport}>;${login};audio_codecs=${account};answermode=auto${media}\n`,
    );
    writeFileSync(join(directory, 'contacts'), '');
    return new Baresip(options, directory, { sip, control });
  }

  /** Its own recording of the decoded far end, as far as it is written. */
  heard(): Sound {
    return readWav(this.#recording() ?? assert.fail(`${this.name} recorded nothing:\n${this.output.slice(-3000)}`));
  }

  /** Waits until it has written down so many seconds more than there were. */
  async records(seconds: number): Promise<void> {
    const length = (): number => secondsOf(this.#recording());
    const before = length();
    await eventually(() => length() - before >= seconds, `${this.name} records nothing more`, 20_000).catch((error: unknown) =>
      assert.fail(`${error}\n${this.output.slice(-3000)}`),
    );
  }

  /** Presses keys, one after the other, each for `ms` (RFC 4733). */
  async press(keys: string, ms: number): Promise<void> {
    const socket = connect(this.#control, '127.0.0.1');
    const say = (params: string): void => {
      const text = JSON.stringify({ command: 'sndcode', params });
      socket.write(`${Buffer.byteLength(text)}:${text},`);
    };
    for (const key of keys) {
      say(key);
      await new Promise((wake) => setTimeout(wake, ms));
      say('\u0004'); // The key is let go.
      await new Promise((wake) => setTimeout(wake, ms));
    }
    socket.destroy();
  }

  async quit(): Promise<void> {
    this.#child.kill('SIGINT');
    const stuck = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
    await this.#exit;
    clearTimeout(stuck);
  }

  #recording(): string | undefined {
    const file = readdirSync(this.#out).find((each) => each.endsWith('-dec.wav'));
    return file === undefined ? undefined : join(this.#out, file);
  }
}
