/** Two baresips in a room, each with a tone of its own: what each recorded is the other. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Baresip, type BaresipCodec, rateOf } from '../kit/baresip.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { amplitudeOf, assertHeard, LOUDNESS } from '../kit/recording.ts';
import { sine } from '../kit/speech.ts';

/** One of the two: what it speaks, its tone, and how clean the other's must come to it. */
interface End {
  readonly codec: BaresipCodec;
  readonly hz: number;
  readonly snr: number;
  /** A second tone, which the other cannot hear. */
  readonly above?: number;
  /** Where else nothing may be heard. */
  readonly not?: readonly number[];
}

/** Of a tone G.711 leaves 35 dB, the lower band of G.722 with its 6 bits as much, its upper one with 2 bits 12; Opus at baresip's 28 kbit/s 25 in the telephone band. */
const pairs: readonly { readonly name: string; readonly secure: boolean; readonly ends: readonly [End, End] }[] = [
  {
    name: 'PCMU over UDP',
    secure: false,
    ends: [
      { codec: 'PCMU', hz: 530, snr: 35 },
      { codec: 'PCMU', hz: 1180, snr: 35 },
    ],
  },
  {
    name: 'PCMU over TLS with SDES-SRTP, our certificate checked',
    secure: true,
    ends: [
      { codec: 'PCMU', hz: 530, snr: 35 },
      { codec: 'PCMU', hz: 1180, snr: 35 },
    ],
  },
  {
    name: 'G.722, one of them above what a telephone can',
    secure: false,
    ends: [
      { codec: 'G722', hz: 1000, snr: 12 },
      { codec: 'G722', hz: 5000, snr: 35 },
    ],
  },
  {
    name: 'Opus, one of them above what G.722 can',
    secure: false,
    ends: [
      { codec: 'opus', hz: 1000, snr: 12 },
      { codec: 'opus', hz: 9000, snr: 25 },
    ],
  },
  {
    name: 'Opus over TLS with SDES-SRTP, our certificate checked',
    secure: true,
    ends: [
      { codec: 'opus', hz: 1310, snr: 25 },
      { codec: 'opus', hz: 790, snr: 25 },
    ],
  },
  {
    name: 'Opus with PCMU, to which a second tone of 6 kHz does not come, nor folded to 2 kHz',
    secure: false,
    ends: [
      { codec: 'opus', hz: 1310, above: 6000, snr: 25 },
      { codec: 'PCMU', hz: 790, snr: 25, not: [2000] },
    ],
  },
];

/** One tone, or two that are as loud together. */
function voiceOf({ codec, hz, above }: End): Int16Array {
  const [rate, dbfs] = [rateOf(codec), above === undefined ? LOUDNESS : LOUDNESS - 3];
  const voice = sine(hz, { rate, seconds: 20, dbfs });
  if (above !== undefined) for (const [at, sample] of sine(above, { rate, seconds: 20, dbfs }).entries()) voice[at]! += sample;
  return voice;
}

let house: House;
let base: string;
before(async () => {
  base = mkdtempSync(join(tmpdir(), 'parley-baresip-'));
  house = await startHouse();
});
after(async () => {
  await house.close();
  rmSync(base, { recursive: true, force: true });
});

for (const [n, { name, secure, ends }] of pairs.entries()) {
  test(`two baresips, ${name}: what each recorded is the other, and not itself`, { timeout: 60_000 }, async () => {
    const { id, number } = await aRoom(house);
    const dial = `sip:${number}@${secure ? house.sips : house.sip}`;
    const config = secure ? [`sip_cafile ${join(house.dataDir, 'tls/own-cert.pem')}`, 'sip_verify_server yes'] : [];
    const phones: Baresip[] = [];
    try {
      for (const [who, end] of ends.entries()) {
        const voice = voiceOf(end);
        const way = secure ? ({ transport: 'tls', encrypted: true, config } as const) : {};
        phones.push(
          await Baresip.dial({ name: ['alice', 'bob'][who]!, base: join(base, String(n)), dial, codec: end.codec, voice, ...way }),
        );
      }
      const said = (): string => phones.map((each) => each.output.slice(-2000)).join('\n---\n');
      await eventually(async () => (await participants(house, id)).size === 2, 'not both are listed', 15_000).catch((error: unknown) =>
        assert.fail(`${error}\n${said()}`),
      );
      await Promise.all(phones.map((each) => each.records(3.5)));
      const heard = phones.map((each) => each.heard());
      for (const [who, { hz, above, snr, not = [] }] of ends.entries()) {
        const other = ends[1 - who]!;
        const amplitude = amplitudeOf(other.above === undefined ? LOUDNESS : LOUDNESS - 3);
        const expected = { other: other.hz, amplitude, not: [hz, ...(above === undefined ? [] : [above]), ...not], snr };
        assertHeard(heard[who]!, expected, { who: phones[who]!.name });
      }
      for (const phone of phones) await phone.quit();
      await emptied(house, id);
    } finally {
      for (const phone of phones) await phone.quit();
    }
  });
}
