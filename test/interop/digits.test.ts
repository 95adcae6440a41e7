/** Keys of third-party telephones (RFC 4733) while they speak Opus: each is told to the domain once, in order. Here the domain takes notes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Engine, openEngine } from '../../src/media/index.ts';
import { Baresip, rateOf } from '../kit/baresip.ts';
import { house, leave } from '../kit/calls-house.ts';
import { eventually } from '../kit/house.ts';
import { Linphone } from '../kit/linphone.ts';
import { patientEngine } from '../kit/patient.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { sine } from '../kit/speech.ts';

const KEYS = '1559*0#';
const voice = sine(790, { rate: rateOf('opus'), seconds: 25, dbfs: -21 });

/** Signalling and engine as in the server; `pressed` are the keys that the domain was told. */
async function listening() {
  let engine: Engine | undefined;
  const at = await house({
    realEngine: async (onEvent) => {
      engine = await openEngine(patientEngine({ chance: new SeededChance(5), onEvent }));
      return engine;
    },
  });
  const base = mkdtempSync(join(tmpdir(), 'parley-digits-'));
  return {
    base,
    dial: `sip:3000@${at.calls.address}`,
    isUp: () => at.said.some(([name]) => name === 'call.answered'),
    pressed: () => at.said.flatMap(([name, input]) => (name === 'call.digit' ? [String(input['digit'])] : [])).join(''),
    [Symbol.asyncDispose]: async () => {
      await leave(at);
      await engine?.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

test('baresip with Opus presses keys, which go by the clock of 8000', { timeout: 60_000 }, async () => {
  await using at = await listening();
  const phone = await Baresip.dial({ name: 'alice', base: at.base, dial: at.dial, codec: 'opus', voice });
  try {
    await eventually(at.isUp, 'the call is not up', 10_000);
    await phone.records(0.5);
    await phone.press(KEYS, 100);
    await eventually(() => at.pressed().length >= KEYS.length, 'not all keys came').catch(() => {});
    assert.equal(at.pressed(), KEYS);
  } finally {
    await phone.quit();
  }
});

test('linphone with Opus presses keys, which go by the clock of 48000', { timeout: 60_000 }, async () => {
  await using at = await listening();
  const phone = await Linphone.dial({ base: at.base, dial: at.dial, voice: { rate: rateOf('opus'), samples: voice } });
  try {
    await eventually(at.isUp, 'the call is not up', 10_000);
    for (const [n, key] of [...KEYS].entries()) {
      phone.say(key);
      await eventually(() => at.pressed().length > n, `${key} did not come`);
    }
    assert.equal(at.pressed(), KEYS);
    assert.match(phone.log, /^a=rtpmap:\d+ telephone-event\/48000\s+a=fmtp:\d+ 0-16\s+a=ptime/m);
  } finally {
    await phone.quit();
  }
});
