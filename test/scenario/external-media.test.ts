import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Json } from '../../src/base/index.ts';
import { AudioSocketStandIn } from '../kit/audio-socket.ts';
import { settles } from '../kit/ear.ts';
import { freePorts } from '../kit/free-ports.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { goertzel } from '../kit/measure.ts';
import type { Phone } from '../kit/phone.ts';
import { RtpLine } from '../kit/rtp-line.ts';
import { TONES } from '../kit/sound.ts';
import { hears, VoipbinDesk } from '../kit/voipbin-desk.ts';

let house: House;
const { done } = new VoipbinDesk(() => house);
let mediaPort = 0;
before(async () => {
  [mediaPort = 0] = await freePorts(1);
  house = await startHouse({ env: { PARLEY_FETCH_ALLOW: 'loopback', PARLEY_AUDIOSOCKET_PORT: String(mediaPort) } });
});
after(() => house.close());

const [ANN, BEN, PROGRAM] = [TONES[0]!, TONES[1]!, TONES[6]!] as const;

/** A call that waits for a key, then stops its media of others, then waits. */
async function callOut(phone: Phone, option: Json, more: readonly Json[] = []) {
  const { calls } = await done('POST', '/calls', {
    destinations: [{ type: 'sip', target: `sip:callee@${phone.address}` }],
    actions: [
      { type: 'external_media_start', option },
      { type: 'digits_receive', option: { duration: 30_000, length: 1 } },
      ...more,
      { type: 'external_media_stop' },
      { type: 'sleep', option: { duration: 30_000 } },
    ],
  });
  return calls[0];
}

const isTone = (samples: readonly number[], hz: number): boolean => {
  const last = Int16Array.from(samples.slice(-1600));
  return last.length === 1600 && goertzel(last, 8000, hz) > 500;
};

test('AudioSocket over TCP: it is told the id of the call first, hears it, speaks to it wherever it is, and is told the end', {
  timeout: 60_000,
}, async () => {
  const program = await AudioSocketStandIn.open();
  const room = (await done('POST', '/conferences', { type: 'conference', name: 'room' })).id;
  const ann = await house.phone({ user: 'ann', tone: ANN });
  const ben = await house.phone({ user: 'ben', tone: BEN });
  try {
    const join = { type: 'conference_join', option: { conference_id: room } };
    await done('POST', '/calls', { destinations: [{ type: 'sip', target: `sip:callee@${ben.address}` }], actions: [join] });
    const option = {
      external_host: program.address,
      encapsulation: 'audiosocket',
      transport: 'tcp',
      connection_type: 'client',
      format: 'slin',
    };
    const call = await callOut(ann, option, [join]);
    await eventually(() => program.isConnected, 'nobody connects');
    program.says(PROGRAM);
    // A key that its caller pressed is nothing that is heard.
    program.tell(0x03, Buffer.from('5'));
    await hears(ann, [PROGRAM]);
    await eventually(() => isTone(program.heard, ANN), 'it does not hear the call');
    assert.equal(program.uuid, call.id.replaceAll('-', ''));
    await ann.sendDigits('1');
    await hears(ann, [BEN, PROGRAM]);
    await hears(ben, [ANN]);
    program.heard = [];
    await eventually(() => isTone(program.heard, ANN), 'it does not hear the call in its conference');
    assert.ok(!isTone(program.heard, BEN), 'it hears what the call says, not the room');
    await ann.hangUp();
    await eventually(() => !program.isConnected || program.kinds.at(-1) === 0x00, 'it is not told that the call is over');
    assert.deepEqual(program.kinds, [0x01, 0x10, 0x00]);
  } finally {
    program.close();
    await ben.hangUp();
  }
});

test('AudioSocket above 8 kHz: each format has its kind and its rate, both ways, and is told the id that the flow gives', {
  timeout: 120_000,
}, async () => {
  for (const [format, kind, rate] of [
    ['slin16', 0x12, 16_000],
    ['slin44', 0x15, 44_100],
    ['slin192', 0x18, 192_000],
  ] as const) {
    const program = await AudioSocketStandIn.open();
    const ann = await house.phone({ user: 'ann', tone: ANN });
    const data = '0b6c2f0e-5d5e-4c3a-9d55-8f1c7d1a2b3c';
    try {
      await callOut(ann, { external_host: program.address, encapsulation: 'audiosocket', transport: 'tcp', format, data });
      await eventually(() => program.isConnected, 'nobody connects');
      program.says(PROGRAM, { kind, rate });
      await hears(ann, [PROGRAM]);
      const isHeard = (): boolean => {
        const last = Int16Array.from(program.heard.slice(-rate / 5));
        return last.length === rate / 5 && goertzel(last, rate, ANN) > 500;
      };
      await eventually(isHeard, `${format}: it does not hear the call at its rate`);
      assert.equal(program.uuid, data.replaceAll('-', ''));
      assert.deepEqual(program.kinds, [0x01, kind]);
    } finally {
      await ann.hangUp();
      program.close();
    }
  }
});

test('connection_type server: who connects by the id that the flow awaits hears its call and speaks to it; nobody else does', {
  timeout: 60_000,
}, async () => {
  const ann = await house.phone({ user: 'ann', tone: ANN });
  const data = '5f0d3c1e-1111-4222-8333-944455556666';
  const bare = data.replaceAll('-', '');
  await callOut(ann, { encapsulation: 'audiosocket', transport: 'tcp', connection_type: 'server', format: 'slin16', data });
  const stranger = await AudioSocketStandIn.callsIn(mediaPort, 'f'.repeat(32));
  await eventually(() => !stranger.isConnected, 'a stranger is let in');
  const program = await eventually(async () => {
    const each = await AudioSocketStandIn.callsIn(mediaPort, bare);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return each.isConnected && each;
  }, 'it is not let in');
  program.says(PROGRAM, { kind: 0x12, rate: 16_000 });
  await hears(ann, [PROGRAM]);
  await eventually(
    () => program.heard.length > 16_000 && goertzel(Int16Array.from(program.heard.slice(-3200)), 16_000, ANN) > 500,
    'it does not hear',
  );
  const again = await AudioSocketStandIn.callsIn(mediaPort, bare);
  await eventually(() => !again.isConnected, 'a second one is let in');
  await ann.hangUp();
  await eventually(() => !program.isConnected || program.kinds.at(-1) === 0x00, 'it is not told that the call is over');
  program.close();
});

test('a call that is over awaits nobody', { timeout: 60_000 }, async () => {
  const ann = await house.phone({ user: 'ann', tone: ANN });
  const data = '6f0d3c1e-1111-4222-8333-944455556666';
  await callOut(ann, { transport: 'tcp', connection_type: 'server', data });
  await eventually(() => ann.inCall, 'she is not called');
  await ann.sendDigits('1');
  await ann.hangUp();
  await ann.ended();
  const late = await AudioSocketStandIn.callsIn(mediaPort, data.replaceAll('-', ''));
  await eventually(() => !late.isConnected, 'it is let in');
});

test('a program that says that it has failed, or hangs up, or dies, is let go; the call goes on', { timeout: 60_000 }, async () => {
  for (const end of [
    (each: AudioSocketStandIn) => each.tell(0xff, Uint8Array.of(1)),
    (each: AudioSocketStandIn) => each.tell(0x00),
    (each: AudioSocketStandIn) => each.close(),
  ]) {
    const program = await AudioSocketStandIn.open();
    const ann = await house.phone({ user: 'ann', tone: ANN });
    await callOut(ann, { external_host: program.address, transport: 'tcp' });
    await eventually(() => program.isConnected, 'nobody connects');
    program.says(PROGRAM);
    await hears(ann, [PROGRAM]);
    end(program);
    await hears(ann, []);
    assert.ok(ann.inCall);
    await ann.hangUp();
    program.close();
  }
});

test('RTP over UDP: what the program says is heard, and what the call says is heard there, in G.711 both ways, until it is stopped', {
  timeout: 60_000,
}, async () => {
  for (const [format, codec] of [
    ['', 'PCMU'],
    ['alaw', 'PCMA'],
  ] as const) {
    const program = await RtpLine.open({ hz: PROGRAM, codec, ptime: 20 });
    const ann = await house.phone({ user: 'ann', tone: ANN });
    try {
      const option = {
        external_host: `127.0.0.1:${program.port}`,
        encapsulation: 'rtp',
        transport: 'udp',
        connection_type: 'client',
        format,
      };
      await callOut(ann, option);
      const from = await eventually(() => program.from, 'nothing comes');
      program.aim(from);
      await hears(ann, [PROGRAM]);
      assert.deepEqual(await settles(() => [program.ear.hears()], [[ANN]]), [[ANN]]);
      await ann.sendDigits('1');
      await hears(ann, []);
    } finally {
      await ann.hangUp();
      program.close();
    }
  }
});

test('what is spoken nowhere, or may not be called, skips the action and nothing else', { timeout: 60_000 }, async () => {
  const ann = await house.phone({ user: 'ann', tone: ANN });
  const bad = [
    { external_host: '127.0.0.1:9', encapsulation: 'rtp', transport: 'tcp' },
    { external_host: '127.0.0.1:9', encapsulation: 'rtp', format: 'g729' },
    { external_host: '127.0.0.1:9', connection_type: 'server' },
    { external_host: '127.0.0.1', encapsulation: 'rtp' },
    { external_host: '127.0.0.1:0' },
    { external_host: '127.0.0.1:99999' },
    { external_host: 'nobody.invalid:9000' },
    { external_host: '10.0.0.1:9000' },
    { external_host: 'user@127.0.0.1:9' },
  ];
  const { calls } = await done('POST', '/calls', {
    destinations: [{ type: 'sip', target: `sip:callee@${ann.address}` }],
    actions: [
      ...bad.map((option) => ({ type: 'external_media_start', option })),
      { type: 'play', option: { stream_urls: [`tone_stream://v=-15;%(2000,0,${PROGRAM})`] } },
      { type: 'sleep', option: { duration: 30_000 } },
    ],
  });
  await hears(ann, [PROGRAM]);
  assert.equal((await done('GET', `/calls/${calls[0].id}`)).status, 'progressing');
  await ann.hangUp();
});
