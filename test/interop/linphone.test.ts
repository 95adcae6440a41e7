/** linphonec with its offer as it comes from Debian: Opus, Speex twice, G.711, G.729, keys at three rates, RTCP XR and feedback. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Baresip, type BaresipCodec, rateOf } from '../kit/baresip.ts';
import { eventually, participants, startHouse } from '../kit/house.ts';
import { Linphone } from '../kit/linphone.ts';
import { emptied, quiet } from '../kit/party.ts';
import { amplitudeOf, assertHeard, LOUDNESS } from '../kit/recording.ts';
import { sine } from '../kit/speech.ts';

const AMPLITUDE = amplitudeOf(LOUDNESS);
const [HIS, ITS] = [790, 1310];

/** linphonec's 48 kHz sound beside a second Opus, and beside a telephone of the last century. */
for (const codec of ['opus', 'PCMU'] satisfies BaresipCodec[]) {
  test(`linphone with its full offer and a baresip with ${codec}: what each recorded is the other, and not itself`, {
    timeout: 60_000,
  }, async () => {
    const base = mkdtempSync(join(tmpdir(), 'parley-linphone-'));
    await using house = await startHouse();
    await quiet(house);
    const dial = `sip:3000@${house.sip}`;
    const room = house.first.conference_id;
    const voice = sine(HIS, { rate: rateOf(codec), seconds: 25, dbfs: LOUDNESS });
    let bob: Baresip | undefined;
    let linphone: Linphone | undefined;
    try {
      bob = await Baresip.dial({ name: 'bob', base, dial, codec, voice });
      linphone = await Linphone.dial({
        base,
        dial,
        voice: { rate: 48_000, samples: sine(ITS, { rate: 48_000, seconds: 25, dbfs: LOUDNESS }) },
      });
      await eventually(async () => (await participants(house, room)).size === 2, 'not both are listed', 10_000);
      await bob.records(5);
      const his = bob.heard();
      // linphone's STUN and baresip's lone APP, which keep ways open, are nothing bad.
      assert.match((await house.fetch('GET', '/metrics')).body, /^parley_media_malformed_packets_total 0$/m);
      await linphone.quit();
      const its = linphone.heard();

      // It said all that it has, and was answered one of it.
      const [offer = '', answer = ''] = linphone.log
        .split(/^(?=m=audio )/m)
        .slice(1)
        .map((each) => /^(?:[a-z]=[^\n]*\n)*/.exec(each)?.[0] ?? '');
      for (const each of ['opus/48000/2', 'speex/16000', 'speex/8000', 'telephone-event/48000', 'telephone-event/8000'])
        assert.match(offer, new RegExp(`^a=rtpmap:\\d+ ${each}`, 'm'));
      assert.deepEqual(
        [...answer.matchAll(/^a=rtpmap:\d+ (.*?)\s*$/gm)].map(([, codec]) => codec),
        ['opus/48000/2', 'telephone-event/48000'],
      );

      assertHeard(his, { other: ITS, amplitude: AMPLITUDE, not: [HIS], snr: 25 }, { who: 'bob' });
      assertHeard(its, { other: HIS, amplitude: AMPLITUDE, not: [ITS], snr: 25 }, { who: 'linphone' });
      await bob.quit();
      await emptied(house, room);
    } finally {
      await linphone?.quit();
      await bob?.quit();
      rmSync(base, { recursive: true, force: true });
    }
  });
}
