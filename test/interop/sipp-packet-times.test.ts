/** SIPp with packets of 30 and 40 ms in its offer, in what it sends, and in what it gets back. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Baresip } from '../kit/baresip.ts';
import { freePorts } from '../kit/free-ports.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { quiet } from '../kit/party.ts';
import { writePcap } from '../kit/pcap.ts';
import { amplitudeOf, assertHeard, LOUDNESS } from '../kit/recording.ts';
import { runSipp } from '../kit/sipp.ts';
import { toMuLaw } from '../kit/sound.ts';
import { sine } from '../kit/speech.ts';

const AMPLITUDE = amplitudeOf(LOUDNESS);
const [WITNESS, SIPP] = [1310, 790];

/** A tone as PCMU in RTP, so many ms to a packet. */
function packets(hz: number, ptime: number): Uint8Array[] {
  const bytes = Uint8Array.from(sine(hz, { rate: 8000, seconds: 6, dbfs: LOUDNESS }), toMuLaw);
  const length = 8 * ptime;
  return Array.from({ length: Math.floor(bytes.length / length) }, (_, n) => {
    const head = Buffer.alloc(12);
    head[0] = 0x80;
    head.writeUInt16BE(n, 2);
    head.writeUInt32BE(n * length, 4);
    head.writeUInt32BE(0x51_99, 8);
    return Buffer.concat([head, bytes.subarray(n * length, (n + 1) * length)]);
  });
}

/** What the server has sent, by its own count. */
async function sent(house: House): Promise<number> {
  const { body } = await house.fetch('GET', '/metrics');
  return Number(/^parley_media_packets_sent_total (\d+)/m.exec(body)?.[1] ?? Number.NaN);
}

for (const ptime of [30, 40]) {
  test(`SIPp with packets of ${ptime} ms is heard by a baresip, and hears it: its echo comes back`, { timeout: 90_000 }, async () => {
    const base = mkdtempSync(join(tmpdir(), 'parley-sipp-'));
    await using house = await startHouse();
    await quiet(house);
    const room = house.first.conference_id;
    const scenario = readFileSync(join(import.meta.dirname, '../fixtures/sipp/long-packets.xml'), 'utf8').replaceAll(
      'PTIME',
      String(ptime),
    );
    /** One call of SIPp of 5 s; it fails when the answer names another packet time. */
    const call = async (name: string, xml: string, ...more: string[]): Promise<void> => {
      const directory = join(base, name);
      mkdirSync(directory);
      writeFileSync(join(directory, 'scenario.xml'), xml.replace('PAUSE', '4500'));
      const [sip = 0, media = 0] = await freePorts(2);
      const local = ['-i', '127.0.0.1', '-mi', '127.0.0.1', '-p', String(sip), '-mp', String(media)];
      await runSipp(directory, [house.sip, '-sf', join(directory, 'scenario.xml'), '-s', '3000', '-m', '1', ...local, ...more]);
    };
    const both = (): Promise<true> => eventually(async () => (await participants(house, room)).size === 2, 'not both are listed', 10_000);
    const voice = sine(WITNESS, { rate: 8000, seconds: 30, dbfs: LOUDNESS });
    const witness = await Baresip.dial({ name: 'witness', base, dial: `sip:3000@${house.sip}`, codec: 'PCMU', voice });
    try {
      const capture = join(base, 'voice.pcap');
      writePcap(capture, packets(SIPP, ptime), ptime);
      const playing = call('plays', scenario.replace('PCAP', capture));
      const heard = both().then(async () => {
        await witness.records(3.5);
        return witness.heard();
      });
      const [played] = await Promise.all([heard, playing]);
      assertHeard(played, { other: SIPP, amplitude: AMPLITUDE, not: [WITNESS], snr: 35 }, { who: 'witness' });

      // A second call gives back what it gets, packet for packet: the witness hears itself.
      await eventually(async () => (await participants(house, room)).size === 1, 'SIPp is still listed');
      const echoing = call('echoes', scenario.replace(/ {2}<nop>.*?<\/nop>/s, ''), '-rtp_echo');
      const echoed = both().then(async () => {
        await witness.records(1);
        const [from, start] = [await sent(house), performance.now()];
        await witness.records(2.5);
        const [to, seconds] = [await sent(house), (performance.now() - start) / 1000];
        return { sound: witness.heard(), rate: (to - from) / seconds };
      });
      const [{ sound, rate }] = await Promise.all([echoed, echoing]);
      assertHeard(sound, { other: WITNESS, amplitude: AMPLITUDE, not: [SIPP], snr: 35 }, { who: 'witness' });
      // 50 a second for the witness, and a few reports.
      const each = rate - 50;
      assert.ok(Math.abs(each - 1000 / ptime) < 4, `SIPp gets ${each.toFixed(1)} packets a second`);
    } finally {
      await witness.quit();
      rmSync(base, { recursive: true, force: true });
    }
  });
}
