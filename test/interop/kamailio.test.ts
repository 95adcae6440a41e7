/** A phone calls through Kamailio, as docs/connect/kamailio.cfg configures it: Debian's Kamailio, and that very file. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Baresip } from '../kit/baresip.ts';
import { settles } from '../kit/ear.ts';
import { freePorts } from '../kit/free-ports.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, numberOf, party } from '../kit/party.ts';
import { needs } from '../kit/programs.ts';
import { amplitudeOf, assertHeard, LOUDNESS } from '../kit/recording.ts';
import { TONES } from '../kit/sound.ts';
import { sine } from '../kit/speech.ts';

const SAYS = TONES[0]!;
const HEARS = TONES[3]!;

/** The Kamailio of the document, on a port of this machine. */
class Kamailio {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  output = '';

  private constructor(port: number, file: string, base: string) {
    this.port = port;
    // -DD: its main process stays, and so do its children; it runs as whoever runs this test.
    this.#child = spawn(needs('kamailio'), ['-DD', '-E', '-f', file, '-Y', base, '-P', join(base, 'pid'), '-m', '64', '-M', '8'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) stream.on('data', (bytes) => (this.output += bytes));
  }

  static async start(base: string, parley: string): Promise<Kamailio> {
    const [port = 0] = await freePorts(1);
    const written = readFileSync(new URL('../../docs/connect/kamailio.cfg', import.meta.url), 'utf8');
    assert.match(written, /192\.0\.2\.10:5060/);
    assert.match(written, /sip:192\.0\.2\.20:5060/);
    const file = join(base, 'kamailio.cfg');
    writeFileSync(file, written.replaceAll('192.0.2.10:5060', `127.0.0.1:${port}`).replaceAll('192.0.2.20:5060', parley));
    const kamailio = new Kamailio(port, file, base);
    // It answers OPTIONS once it is there.
    await eventually(() => kamailio.output.includes('INFO: <core> [main.c') || kamailio.#child.exitCode !== null, 'Kamailio says nothing');
    assert.equal(kamailio.#child.exitCode, null, kamailio.output);
    return kamailio;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const stuck = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.#exit;
    clearTimeout(stuck);
  }
}

let house: House;
let base: string;
let kamailio: Kamailio;
before(async () => {
  base = mkdtempSync(join(tmpdir(), 'parley-kamailio-'));
  house = await startHouse();
  kamailio = await Kamailio.start(base, house.sip);
});
after(async () => {
  await kamailio?.stop();
  await house.close();
  rmSync(base, { recursive: true, force: true });
});

/** A room with a number that Kamailio sends to Parley. */
const room = async (number: string): Promise<string> => (await aRoom(house, { conference_numbers: [number] })).id;

test('a phone behind Kamailio hears the others, they hear it, and its BYE comes through', { timeout: 60_000 }, async () => {
  const id = await room('3501');
  const [ann] = await party(house, '3501', { names: ['Ann'], each: { Ann: { tone: HEARS } } });
  const voice = sine(SAYS, { rate: 8000, seconds: 20, dbfs: LOUDNESS });
  const phone = await Baresip.dial({ name: 'bob', base, dial: `sip:3501@127.0.0.1:${kamailio.port}`, codec: 'PCMU', voice });
  try {
    await eventually(async () => (await participants(house, id)).size === 2, 'not both are listed').catch((error: unknown) =>
      assert.fail(`${error}\n${phone.output.slice(-2000)}\n${kamailio.output.slice(-3000)}`),
    );
    await phone.records(3.5);
    assertHeard(phone.heard(), { other: HEARS, amplitude: amplitudeOf(LOUDNESS), not: [SAYS], snr: 30 }, { who: 'bob' });
    assert.deepEqual(await settles(() => [ann!.hears()], [[SAYS]]), [[SAYS]]);
  } finally {
    await phone.quit();
  }
  await eventually(async () => (await participants(house, id)).size === 1, 'whoever hung up is still listed');
  await ann!.hangUp();
  await emptied(house, id);
});

test('whom Parley sends away is hung up through Kamailio', { timeout: 60_000 }, async () => {
  const id = await room('3502');
  const voice = sine(SAYS, { rate: 8000, seconds: 20, dbfs: LOUDNESS });
  const phone = await Baresip.dial({ name: 'cleo', base, dial: `sip:3502@127.0.0.1:${kamailio.port}`, codec: 'PCMU', voice });
  try {
    await eventually(async () => (await participants(house, id)).size === 1, 'she is not listed');
    const [name = ''] = (await participants(house, id)).keys();
    const number = await numberOf(house, id, name);
    await house.kazoo('PUT', `/conferences/${id}/participants/${number}`, { action: 'kick' });
    await eventually(() => /terminated|session closed/i.test(phone.output), 'her phone knows nothing of it').catch((error: unknown) =>
      assert.fail(`${error}\n${phone.output.slice(-2000)}`),
    );
  } finally {
    await phone.quit();
  }
});

test('a number that is no conference is refused by Kamailio itself, one that Parley does not know by Parley', {
  timeout: 60_000,
}, async () => {
  for (const [number, words] of [
    ['77', /404 Not Found/],
    ['3777', /404/],
  ] as const) {
    const phone = await Baresip.dial({
      name: `dan${number}`,
      base,
      dial: `sip:${number}@127.0.0.1:${kamailio.port}`,
      codec: 'PCMU',
      voice: new Int16Array(8000),
    });
    await eventually(() => words.test(phone.output), 'no answer').catch((error: unknown) =>
      assert.fail(`${error}\n${phone.output.slice(-2000)}`),
    );
    await phone.quit();
  }
});
