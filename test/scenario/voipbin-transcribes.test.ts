import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { openEncoder } from '../../src/audio/index.ts';
import { type Json, noLog, SystemClock } from '../../src/base/index.ts';
import { Flite, openSpeaker, Programs } from '../../src/speech/index.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { aRoom } from '../kit/party.ts';
import { needs } from '../kit/programs.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { Talker } from '../kit/talker.ts';
import { VoipbinDesk } from '../kit/voipbin-desk.ts';

let house: House;
const { ask, done } = new VoipbinDesk(() => house);
const clock = new SystemClock();
const programs = new Programs({ clock });
const speaker = openSpeaker({ clock, chance: new SeededChance(), log: noLog, providers: [new Flite(programs, needs('flite'))] });
const COUNTED = 'one two three four five';

before(async () => {
  needs('pocketsphinx_continuous');
  house = await startHouse({ env: { PARLEY_SPEECH_STT: 'pocketsphinx' } });
});
after(async () => {
  await house.close();
  await speaker.close();
  await programs.close();
});

/** Payloads of G.722 of 20 ms. */
async function spoken(text: string, voice: string): Promise<Uint8Array[]> {
  const { samples } = await speaker.say(text, { voice });
  const encoder = openEncoder({ name: 'G722', rate: 16_000, clockRate: 8000 } as never);
  const bytes = new Uint8Array(2000);
  const payloads = Array.from({ length: Math.floor(samples.length / 320) }, (_, n) =>
    bytes.slice(0, encoder.encode(samples.subarray(n * 320, (n + 1) * 320), 320, bytes, 0)),
  );
  encoder.close();
  return payloads;
}

let made = 8800;

/** A number that leads to these actions. */
async function aNumber(actions: Json): Promise<string> {
  const number = `+4930${made++}`;
  const flow = await done('POST', '/flows', { name: 'flow', detail: '', actions });
  await done('POST', '/numbers', { number, name: 'n', detail: '', call_flow_id: flow.id });
  return number;
}

const wordsOf = (transcripts: readonly { message: string }[]): string[] =>
  transcripts.flatMap(({ message }) => message.split(' ')).filter((each) => /^(one|two|three|four|five)$/.test(each));

interface Transcript {
  readonly direction: string;
  readonly message: string;
  readonly tm_transcript: string;
  readonly conferencecall_id: string;
}

/** What was said, first things first, once it is over. */
async function written(transcribe: string): Promise<Transcript[]> {
  await eventually(async () => (await done('GET', `/transcribes/${transcribe}`)).status === 'done', 'it is not written down', 60_000);
  const { result } = await done('GET', `/transcripts?transcribe_id=${transcribe}`);
  return result.reverse();
}

/** What is told of everything of ours. */
async function listen() {
  const socket = new WebSocket(`${house.http.replace('http', 'ws')}/v1.0/ws?accesskey=${house.first.access_key}`);
  const events: { type: string; data: { id: string; transcribe_id?: string } }[] = [];
  socket.on('message', (bytes) => events.push(JSON.parse(String(bytes))));
  await new Promise((open) => socket.once('open', open));
  const { customer_id: customer } = await done('GET', '/me');
  socket.send(JSON.stringify({ type: 'subscribe', topics: [`customer_id:${customer}`] }));
  await done('GET', '/me');
  return { events, close: () => socket.close() };
}

test('a recording of a conference is written down when it is asked for, with the times of the recording', {
  timeout: 120_000,
}, async () => {
  const room = await aRoom(house);
  const conference = (await done('GET', '/conferences')).result.find((each: { id: string }) => each.id.replaceAll('-', '') === room.id).id;
  const ann = await Talker.call(house.sip, { user: 'Ann', number: room.number });
  const heard = await listen();
  try {
    const { recording_id: recording } = await done('POST', `/conferences/${conference}/recording_start`, {});
    await ann.say(await spoken(COUNTED, 'rms'));
    const wish = { reference_type: 'recording', reference_id: recording, language: 'en-US', direction: 'both' };
    const transcribe = await done('POST', '/transcribes', wish);
    assert.deepEqual(
      [transcribe.reference_type, transcribe.reference_id, transcribe.status, transcribe.direction, transcribe.language],
      ['recording', recording, 'progressing', 'both', 'en-US'],
    );
    const again = await ask('POST', '/transcribes', wish);
    assert.deepEqual([again.status, again.body.error.reason], [409, 'TRANSCRIBE_ALREADY_PROGRESSING']);
    await done('POST', `/conferences/${conference}/recording_stop`);
    const transcripts = await written(transcribe.id);
    assert.deepEqual(wordsOf(transcripts), COUNTED.split(' '), JSON.stringify(transcripts));
    assert.match(transcripts[0]!.tm_transcript, /^0001-01-01 00:00:0[0-3]\.\d{6}$/, 'counted from the beginning of the recording');
    assert.deepEqual([...new Set(transcripts.map(({ direction }) => direction))], ['in'], 'of a mix nobody can tell who said it');
    const listed = await done('GET', `/transcribes?reference_type=recording&reference_id=${recording}`);
    assert.deepEqual(
      listed.result.map(({ id }: { id: string }) => id),
      [transcribe.id],
    );
    const told = await eventually(() => {
      const own = heard.events.filter(({ data }) => data.id === transcribe.id || data.transcribe_id === transcribe.id);
      return own.some(({ type }) => type === 'transcribe_done') && own.map(({ type }) => type);
    }, 'its end is not told');
    assert.deepEqual(told.slice(0, 2), ['transcribe_created', 'transcribe_progressing']);
    assert.ok(told.slice(2, -1).length > 0 && told.slice(2, -1).every((type) => type === 'transcript_created'), told.join());
    assert.equal((await done('POST', `/transcribes/${transcribe.id}/stop`)).status, 'done');
    assert.equal((await ask('POST', '/transcribes', { ...wish, reference_id: conference })).status, 404);
    const bad = await ask('POST', '/transcribes', { ...wish, language: 'tlh' });
    assert.equal(bad.status, 400);
  } finally {
    heard.close();
    await ann.close();
  }
});

test('a flow has what was recorded of its call written down, both ways, and runs a flow behind it', { timeout: 120_000 }, async () => {
  const behind = await done('POST', '/flows', {
    name: 'behind',
    detail: '',
    actions: [{ type: 'variable_set', option: { key: 'k', value: 'v' } }],
  });
  const number = await aNumber([
    { type: 'answer' },
    { type: 'recording_start', option: { format: 'wav' } },
    { type: 'talk', option: { text: 'seven eight nine', language: 'en-US' } },
    { type: 'digits_receive', option: { duration: 5000, length: 1 } },
    { type: 'recording_stop' },
    { type: 'transcribe_recording', option: { language: 'en-US', direction: 'both', on_end_flow_id: behind.id } },
    { type: 'sleep', option: { duration: 60_000 } },
  ]);
  const ann = await Talker.call(house.sip, { user: 'Ann', number });
  try {
    await new Promise((wake) => setTimeout(wake, 2000));
    await ann.say(await spoken(COUNTED, 'rms'));
    const transcribe = await eventually(
      async () => (await done('GET', '/transcribes')).result.find((each: { on_end_flow_id: string }) => each.on_end_flow_id === behind.id),
      'the action does nothing',
      30_000,
    );
    const call = (await done('GET', '/calls')).result[0];
    assert.deepEqual([transcribe.reference_type, transcribe.reference_id], ['recording', call.recording_ids[0]]);
    const transcripts = await written(transcribe.id);
    const way = (direction: string) => transcripts.filter((each) => each.direction === direction);
    assert.deepEqual(wordsOf(way('in')), COUNTED.split(' '), JSON.stringify(transcripts));
    assert.ok(
      way('out').some(({ message }) => /seven|eight|nine/.test(message)),
      JSON.stringify(transcripts),
    );
    await eventually(
      async () => (await done('GET', '/activeflows')).result.some((each: { flow_id: string }) => each.flow_id === behind.id),
      'the flow behind it is not run',
    );
  } finally {
    await ann.close();
  }
});

/** What is said of a transcription while somebody speaks, in order. */
const turnsOf = (events: readonly { type: string; data: SpeechTold }[], transcribe: string): SpeechTold[] =>
  events.flatMap(({ type, data }) =>
    data.transcribe_id === transcribe && /^transcri(be_speech|pt)_/.test(type) ? [{ ...data, type }] : [],
  );

interface SpeechTold {
  readonly type?: string;
  readonly id: string;
  readonly transcribe_id?: string;
  readonly customer_id?: string;
  readonly direction?: string;
  readonly message?: string;
  readonly tm_event?: string;
  readonly tm_create?: string;
}

test('who is written down is told to begin and to end each thing he says, in a conference and of a call', {
  timeout: 120_000,
}, async () => {
  const room = await aRoom(house);
  const conference = (await done('GET', '/conferences')).result.find((each: { id: string }) => each.id.replaceAll('-', '') === room.id).id;
  const number = await aNumber([
    { type: 'answer' },
    { type: 'transcribe_start', option: { language: 'en-US', direction: 'in' } },
    { type: 'sleep', option: { duration: 60_000 } },
  ]);
  const heard = await listen();
  const ann = await Talker.call(house.sip, { user: 'Ann', number: room.number });
  const told = async (transcribe: string, count: number): Promise<SpeechTold[]> =>
    eventually(
      () => {
        const turns = turnsOf(heard.events, transcribe);
        return turns.filter(({ type }) => type === 'transcript_created').length >= count && turns;
      },
      `not told: ${JSON.stringify(heard.events.map(({ type }) => type))}`,
      40_000,
    );
  try {
    const { transcribe_id: transcribe } = await done('POST', `/conferences/${conference}/transcribe_start`, { language: 'en-US' });
    await ann.say(await spoken(COUNTED, 'rms'));
    await told(transcribe, 1);
    await ann.say(await spoken('one two three', 'rms'));
    const turns = await told(transcribe, 2);
    const thing = ['transcribe_speech_started', 'transcribe_speech_ended', 'transcript_created'];
    assert.deepEqual(
      turns.map(({ type }) => type),
      [...thing, ...thing],
    );
    const [begun, ended] = turns as [SpeechTold, SpeechTold];
    const { customer_id } = await done('GET', '/me');
    for (const each of [begun, ended])
      assert.deepEqual([each.id, each.customer_id, each.direction, 'message' in each], [transcribe, customer_id, 'in', false]);
    assert.equal(ended.tm_create, begun.tm_create, 'when it began');
    assert.ok(String(begun.tm_event) < String(ended.tm_event), `${begun.tm_event} ${ended.tm_event}`);
    // She goes in the middle of a word: what began has ended, before she is told to be gone.
    const speaking = ann.say(await spoken(COUNTED, 'rms'));
    await eventually(() => turnsOf(heard.events, transcribe).at(-1)?.type === thing[0], 'she does not begin', 20_000);
    const conferencecall = (await done('GET', `/conferences/${conference}`)).conferencecall_ids[0];
    await done('DELETE', `/conferencecalls/${conferencecall}`);
    await eventually(() => heard.events.some(({ type }) => type === 'conferencecall_leaved'), 'she is not gone');
    const types = heard.events.map(({ type }) => type);
    const [started, end] = [types.lastIndexOf('transcribe_speech_started'), types.lastIndexOf('transcribe_speech_ended')];
    assert.ok(started < end && end < types.indexOf('conferencecall_leaved'), types.join());
    await speaking;
  } finally {
    await ann.close().catch(() => {});
  }
  const ben = await Talker.call(house.sip, { user: 'Ben', number });
  try {
    const { id } = await eventually(
      async () => (await done('GET', '/transcribes')).result.find((each: { status: string }) => each.status === 'progressing'),
      'the call is not written down',
    );
    await ben.say(await spoken('one two three', 'rms'));
    const turns = await told(id, 1);
    assert.deepEqual(
      turns.map(({ type, direction }) => [type, direction]),
      [
        ['transcribe_speech_started', 'in'],
        ['transcribe_speech_ended', 'in'],
        ['transcript_created', 'in'],
      ],
    );
  } finally {
    await ben.close();
    heard.close();
  }
});

test('transcribe_start writes down what a call says and hears, wherever its flow takes it', { timeout: 120_000 }, async () => {
  const conference = (await done('POST', '/conferences', { type: 'conference', name: 'room' })).id;
  const join = { type: 'conference_join', option: { conference_id: conference } };
  const number = await aNumber([
    { type: 'answer' },
    { type: 'transcribe_start', option: { language: 'en-US', direction: 'both' } },
    { type: 'sleep', option: { duration: 4000 } },
    join,
  ]);
  const other = await aNumber([{ type: 'answer' }, join]);
  const ben = await Talker.call(house.sip, { user: 'Ben', number: other });
  const ann = await Talker.call(house.sip, { user: 'Ann', number });
  try {
    await ann.say(await spoken('one two three', 'rms'));
    await eventually(async () => (await done('GET', `/conferences/${conference}`)).conferencecall_ids.length === 2, 'not both are in');
    await ann.say(await spoken('four five', 'rms'));
    await ben.say(await spoken('the meeting will start tomorrow morning', 'slt'));
    const call = (await done('GET', '/calls')).result.find(
      (each: { source: { target_name: string } }) => each.source.target_name === 'Ann',
    );
    const listed = await done('GET', `/transcribes?reference_type=call&reference_id=${call.id}`);
    const [{ id, direction, status }] = listed.result;
    assert.deepEqual([direction, status], ['both', 'progressing']);
    await eventually(
      async () => (await done('GET', `/transcripts?transcribe_id=${id}`)).result.some((each: Transcript) => each.direction === 'out'),
      'what it hears is not written down',
      40_000,
    );
    await done('POST', `/transcribes/${id}/stop`);
    const transcripts = await written(id);
    assert.deepEqual(wordsOf(transcripts.filter((each) => each.direction === 'in')), COUNTED.split(' '), JSON.stringify(transcripts));
    assert.ok(
      transcripts.some((each) => each.direction === 'out' && /meeting|tomorrow|morning/.test(each.message)),
      JSON.stringify(transcripts),
    );
  } finally {
    await ann.close();
    await ben.close();
  }
});
