import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, startHouse } from '../kit/house.ts';
import { needs } from '../kit/programs.ts';
import { strength, TONES, tone } from '../kit/sound.ts';
import { readWav, writeWav } from '../kit/wav.ts';

const MODULES = ['/usr/lib/baresip/modules', `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/baresip/modules`];

/** A UDP port that is free now, with the next one free too (baresip listens for TLS there). */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
  const { port } = socket.address();
  await new Promise<void>((closed) => socket.close(() => closed()));
  return port;
}

/** How a baresip signals and sends. */
interface Way {
  readonly name: string;
  /** Behind its own URI; baresip puts it behind others, too. */
  readonly uri: string;
  readonly account: string;
  readonly modules: readonly string[];
  readonly config: readonly string[];
}

const ways = (ca: string): readonly Way[] => [
  { name: 'over UDP', uri: '', account: '', modules: [], config: [] },
  {
    name: 'over TLS with SDES-SRTP, our certificate checked',
    uri: ';transport=tls',
    account: ';mediaenc=srtp-mand',
    modules: ['srtp.so'],
    config: [`sip_cafile ${ca}`, 'sip_verify_server yes'],
  },
];

/** A headless baresip that dials, plays a file and writes down what it hears. */
class Baresip {
  readonly directory: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  output = '';

  private constructor(directory: string, program: string, dial: string) {
    this.directory = directory;
    this.#child = spawn(program, ['-4', '-f', directory, '-e', `/dial ${dial}`], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exit = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) stream.on('data', (bytes) => (this.output += bytes));
  }

  static async dial(program: string, who: { name: string; hz: number; dial: string; base: string; way: Way }): Promise<Baresip> {
    const directory = join(who.base, who.name);
    const out = join(directory, 'out');
    mkdirSync(out, { recursive: true });
    writeWav(join(directory, 'voice.wav'), tone(who.hz, { length: 8000 * 30 }));
    const modules = MODULES.find((each) => existsSync(each)) ?? assert.fail(`baresip's modules are in none of ${MODULES.join(', ')}`);
    const config = [
      `sip_listen 127.0.0.1:${await freePort()}`,
      'audio_player aufile,/dev/null',
      `audio_source aufile,${join(directory, 'voice.wav')}`,
      'ausrc_srate 8000',
      'auplay_srate 8000',
      'ausrc_channels 1',
      'auplay_channels 1',
      `module_path ${modules}`,
      ...['stdio.so', 'g711.so', 'aufile.so', 'sndfile.so', ...who.way.modules].map((each) => `module ${each}`),
      ...['uuid.so', 'account.so'].map((each) => `module_tmp ${each}`),
      ...['contact.so', 'debug_cmd.so', 'menu.so'].map((each) => `module_app ${each}`),
      `snd_path ${out}`,
      ...who.way.config,
    ];
    writeFileSync(join(directory, 'config'), `${config.join('\n')}\n`);
    writeFileSync(
      join(directory, 'accounts'),
      `<sip:${who.name}@127.0.0.1${who.way.uri}>;regint=0;audio_codecs=pcmu;answermode=auto${who.way.account}\n`,
    );
    writeFileSync(join(directory, 'contacts'), '');
    return new Baresip(directory, program, who.dial);
  }

  /** What it heard: baresip's own recording of the decoded far end. */
  heard(): Int16Array {
    const out = join(this.directory, 'out');
    const file =
      readdirSync(out).find((each) => each.endsWith('-dec.wav')) ?? assert.fail(`baresip recorded nothing:\n${this.output.slice(-3000)}`);
    return readWav(join(out, file));
  }

  async quit(): Promise<void> {
    this.#child.kill('SIGINT');
    const stuck = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
    await this.#exit;
    clearTimeout(stuck);
  }
}

for (const [n, { name }] of ways('').entries()) {
  test(`two baresips ${name}: what each recorded contains the other, and not itself`, { timeout: 60_000 }, async () => {
    const program = needs('baresip');
    const base = mkdtempSync(join(tmpdir(), 'parley-baresip-'));
    await using house = await startHouse();
    const way = ways(join(house.dataDir, 'tls/own-cert.pem'))[n]!;
    const dial = `sip:3000@${way.uri === '' ? house.sip : house.sips}`;
    const phones: Baresip[] = [];
    try {
      phones.push(await Baresip.dial(program, { name: 'alice', hz: TONES[1]!, dial, base, way }));
      phones.push(await Baresip.dial(program, { name: 'bob', hz: TONES[6]!, dial, base, way }));
      const path = `/conferences/${house.first.conference_id}/participants`;
      const listed = eventually(async () => (await house.kazoo('GET', path)).body.data.length === 2, 'not both are listed', 15_000);
      await listed.catch((error: unknown) => assert.fail(`${error}\n${phones.map((each) => each.output.slice(-2000)).join('\n---\n')}`));
      // They talk for a while; the length of a conversation is not a condition that could be waited for.
      await new Promise((wake) => setTimeout(wake, 4000));
      for (const phone of phones) await phone.quit();
      await eventually(async () => (await house.kazoo('GET', path)).body.data.length === 0, 'a baresip that quit is still listed');

      for (const [phone, own, other] of [
        [phones[0]!, TONES[1]!, TONES[6]!],
        [phones[1]!, TONES[6]!, TONES[1]!],
      ] as const) {
        // The last three seconds, without the very end: both were there.
        const heard = phone.heard();
        const part = heard.slice(Math.max(0, heard.length - 26_000), heard.length - 4000);
        assert.ok(part.length >= 16_000, `${phone.directory} recorded only ${heard.length} samples`);
        assert.ok(strength(part, other) > 2500, `the other's tone has strength ${strength(part, other)}`);
        assert.ok(strength(part, own) < 100, `its own tone has strength ${strength(part, own)}`);
      }
    } finally {
      for (const phone of phones) await phone.quit();
      rmSync(base, { recursive: true, force: true });
    }
  });
}
