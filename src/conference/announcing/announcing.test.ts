import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConference, aConferenceId, anActor, aParticipant, FakeHouse } from '../../../test/kit/conference-fakes.ts';
import { QUIET } from '../../../test/kit/quiet.ts';
import type { JsonObject } from '../../base/index.ts';
import type { CommandName, Input } from '../commands.ts';
import type { Conference, Role } from '../conference.ts';
import type { Happening } from '../facts.ts';
import type { Playing, PlaySource } from '../playing.ts';
import type { Context } from '../rules/rule.ts';
import { announced } from './announcing.ts';
import { toneOf } from './caller-sounds.ts';

const ENTRY = 'tone_stream://%(100,0,523)';
const EXIT = 'tone_stream://%(100,0,440)';

const quiet = (profile: JsonObject = {}, rest: JsonObject = {}): JsonObject => ({
  member: { join_muted: false },
  recording_notice: false,
  profile: { ...QUIET, ...profile },
  ...rest,
});

/** A house whose player remembers what it was told to play, and can come to the end of it. */
class Ear {
  readonly house = new FakeHouse();
  readonly #seen = new Set<string>();
  #started: Playing[] = [];

  async open(document: JsonObject): Promise<void> {
    await this.house.create(document);
  }

  /** What has begun since the last look, as `all: sources` or `2: sources`; prompts by their bare names. */
  async heard(): Promise<string[]> {
    const { room } = await this.house.read();
    const fresh = [...this.house.sounds.playings.values()].map((each) => each.playing).filter(({ id }) => !this.#seen.has(id));
    for (const { id } of fresh) this.#seen.add(id);
    this.#started.push(...fresh);
    const whose = ({ to }: Playing): string =>
      to === 'all' ? 'all' : String(room?.participants.find(({ id }) => id === to)?.number ?? 'gone');
    const bare = (each: Playing['sources'][number]): string =>
      typeof each === 'string' ? (/^prompt:\/\/[^/]+\/([^/]+)\//.exec(each)?.[1] ?? each) : each.say;
    return fresh.map((each) => `${whose(each)}: ${each.sources.map(bare).join(' ')}`);
  }

  /** Everything that plays comes to its end, again and again until nothing does. */
  async end(reason: 'finished' | 'failed' = 'finished'): Promise<void> {
    for (let all = this.#playing(); all.length > 0; all = this.#playing()) {
      for (const playing of all) {
        this.house.sounds.forget(playing);
        await this.do('play.ended', { conference: aConferenceId, playing, reason });
      }
      await this.heard();
    }
  }

  #playing(): Playing['id'][] {
    return [...this.house.sounds.playings.keys()];
  }

  async join(n: number, role: Role = 'member'): Promise<void> {
    await this.house.join(n, { role });
  }

  async leave(n: number): Promise<void> {
    await this.do('call.ended', { conference: aConferenceId, call: aCall(n).id, reason: 'hung-up' });
  }

  async do<Name extends CommandName>(name: Name, input: Input<Name>): Promise<unknown> {
    return this.house.conferences.execute(name, input, anActor);
  }
}

const conference = aConferenceId;

test('the first one is alone and hears no tone; the second is heard coming and going, by all', async () => {
  const ear = new Ear();
  await ear.open(quiet({ 'enter-sound': ENTRY, 'exit-sound': EXIT, 'alone-sound': 'conf-alone' }));
  await ear.join(1);
  assert.deepEqual(await ear.heard(), ['1: conf-alone']);
  await ear.end();
  await ear.join(2);
  assert.deepEqual(await ear.heard(), [`all: ${ENTRY}`]);
  await ear.end();
  await ear.leave(2);
  assert.deepEqual(await ear.heard(), [`all: ${EXIT}`, '1: conf-alone']);
  assert.ok(!ear.house.events.types(conference).some((each) => each.startsWith('play.')), 'nobody has asked for it to be played');
});

test('tones: the role’s word before the document’s, the document’s before the profile’s; one’s own before all', async () => {
  const tone = 'tone_stream://%(50,0,600)';
  const table: readonly [string, JsonObject, Role, string | undefined][] = [
    ['absent is true', {}, 'member', ENTRY],
    ['true', { play_entry_tone: true }, 'member', ENTRY],
    ['false', { play_entry_tone: false }, 'member', undefined],
    ['a tone', { play_entry_tone: tone }, 'member', tone],
    ['media', { play_entry_tone: 'a'.repeat(32) }, 'member', 'a'.repeat(32)],
    ['a URL', { play_entry_tone: 'https://sounds.test/a.wav' }, 'member', 'https://sounds.test/a.wav'],
    ['the role over the document', { play_entry_tone: false, member: { join_muted: false, play_entry_tone: tone } }, 'member', tone],
    ['of the other role', { moderator: { play_entry_tone: false } }, 'member', ENTRY],
    ['of moderators', { moderator: { play_entry_tone: false } }, 'moderator', undefined],
    ['empty text is nothing said', { play_entry_tone: '' }, 'member', ENTRY],
  ];
  for (const [name, document, role, expected] of table) {
    const ear = new Ear();
    await ear.open(quiet({ 'enter-sound': ENTRY }, document));
    await ear.join(1);
    await ear.heard();
    await ear.join(2, role);
    assert.deepEqual(await ear.heard(), expected === undefined ? [] : [`all: ${expected}`], name);
  }
});

test('a profile’s "" switches off, one by one', async () => {
  const sounds: readonly [string, (ear: Ear) => Promise<unknown>, string][] = [
    ['enter-sound', (ear) => ear.join(3), 'all: conf-goodbye'],
    ['exit-sound', (ear) => ear.leave(2), 'all: conf-goodbye'],
    ['alone-sound', (ear) => ear.leave(2), '1: conf-goodbye'],
    ['member-enter-sound', (ear) => ear.join(3), '3: conf-goodbye'],
    ['muted-sound', (ear) => ear.do('participants.mute', { conference, which: 2, muted: true }), '2: conf-goodbye'],
    ['deaf-sound', (ear) => ear.do('participants.deafen', { conference, which: 2, deaf: true }), '2: conf-goodbye'],
    ['unmuted-sound', (ear) => ear.do('participants.mute', { conference, which: 1, muted: false }), '1: conf-goodbye'],
    ['undeaf-sound', (ear) => ear.do('participants.deafen', { conference, which: 1, deaf: false }), '1: conf-goodbye'],
    ['is-locked-sound', (ear) => ear.do('conference.lock', { conference, locked: true }), 'all: conf-goodbye'],
  ];
  for (const [key, act, expected] of sounds) {
    for (const sound of ['conf-goodbye', '']) {
      const ear = new Ear();
      await ear.open(quiet({}));
      await ear.join(1);
      await ear.join(2);
      await ear.do('participants.mute', { conference, which: 1, muted: true });
      await ear.do('participants.deafen', { conference, which: 1, deaf: true });
      await ear.do('conference.replace', { conference, document: quiet({ [key]: sound }) });
      await ear.end();
      await ear.heard();
      await act(ear);
      assert.deepEqual(await ear.heard(), sound === '' ? [] : [expected], `${key} "${sound}"`);
    }
  }
});

test('above so many people nobody is heard coming and going; ghosts and programs never are', async () => {
  const ear = new Ear();
  await ear.open(quiet({ 'enter-sound': ENTRY, 'exit-sound': EXIT }, { tones_up_to: 3 }));
  for (const n of [1, 2, 3]) await ear.join(n);
  await ear.end();
  await ear.join(4);
  assert.deepEqual(await ear.heard(), []);
  await ear.leave(4);
  assert.deepEqual(await ear.heard(), [], 'there were four');
  await ear.leave(3);
  assert.deepEqual(await ear.heard(), [`all: ${EXIT}`]);
  await ear.end();
  const call = aCall(9, { direction: 'outbound' });
  await ear.do('call.dial', { conference, call, flags: { ghost: true }, target: { dialled: '9', ways: [] } });
  await ear.do('call.answered', { conference, call: call.id });
  assert.deepEqual(await ear.heard(), []);
  await ear.leave(9);
  assert.deepEqual(await ear.heard(), []);
  await ear.do('stream.open', { conference, name: 'Agent', role: 'member', direction: 'both' });
  assert.deepEqual(await ear.heard(), []);
});

test('ten who come at once do not sound ten tones: one plays, one waits with the names of as many as fit', async () => {
  const ear = new Ear();
  await ear.open(quiet({ 'enter-sound': ENTRY }));
  await ear.join(1);
  for (let n = 2; n <= 11; n += 1) await ear.join(n);
  const { room } = await ear.house.read();
  assert.equal(room?.announcing?.length, 2);
  assert.deepEqual(await ear.heard(), [`all: ${ENTRY}`]);
  await ear.end();
  assert.equal((await ear.house.read()).room?.announcing, undefined);
  assert.equal(ear.house.sounds.asked.filter((each) => each === 'play').length, 2);
});

test('one who is muted or deafened is told so, and by whom; a hold is nobody’s word', async () => {
  const ear = new Ear();
  await ear.open(
    quiet({ 'muted-sound': 'conf-muted', 'unmuted-sound': 'conf-unmuted', 'deaf-sound': 'conf-deaf', 'undeaf-sound': 'conf-undeaf' }),
  );
  await ear.join(1);
  await ear.join(2);
  await ear.heard();
  const table: readonly [string, () => Promise<unknown>, string[]][] = [
    ['by a moderator', () => ear.do('participants.mute', { conference, which: 2, muted: true }), ['2: conf-muted_by_moderator']],
    ['again', () => ear.do('participants.mute', { conference, which: 2, muted: true }), []],
    ['undone', () => ear.do('participants.mute', { conference, which: 2, muted: false }), ['2: conf-unmuted_by_moderator']],
    ['by himself', () => ear.do('participants.mute', { conference, which: 2, muted: true, by: 'self' }), ['2: conf-muted']],
    ['he holds the line', () => ear.do('call.held', { conference, call: aCall(2).id, held: true }), []],
    ['and is back', () => ear.do('call.held', { conference, call: aCall(2).id, held: false }), []],
    ['undone by himself', () => ear.do('participants.mute', { conference, which: 2, muted: false, by: 'self' }), ['2: conf-unmuted']],
    ['deaf', () => ear.do('participants.deafen', { conference, which: 2, deaf: true }), ['2: conf-deaf']],
    ['undeaf', () => ear.do('participants.deafen', { conference, which: 2, deaf: false }), ['2: conf-undeaf']],
    ['promoted', () => ear.do('participants.promote', { conference, which: 2, role: 'moderator' }), ['2: conf-promoted']],
  ];
  for (const [name, act, expected] of table) {
    await act();
    assert.deepEqual(await ear.heard(), expected, name);
    await ear.end();
  }
});

test('many who are muted at once are told at once', async () => {
  const ear = new Ear();
  await ear.open(quiet({ 'muted-sound': 'conf-muted', 'unmuted-sound': 'conf-unmuted' }));
  for (let n = 1; n <= 7; n += 1) await ear.join(n);
  await ear.heard();
  await ear.do('conference.mute', { conference, muted: true });
  assert.deepEqual(await ear.heard(), ['all: conf-all_muted']);
});

test('a newcomer is told how many others there are, where there are so many', async () => {
  const ear = new Ear();
  await ear.open(quiet({ 'announce-count': 3 }, { language: 'de-de' }));
  await ear.join(1);
  await ear.join(2);
  assert.deepEqual(await ear.heard(), []);
  await ear.join(3);
  assert.deepEqual(await ear.heard(), ['3: conf-there_are num-2 conf-other_participants']);
  const [playing] = [...ear.house.sounds.playings.values()];
  assert.ok(playing?.playing.sources.every((each) => typeof each === 'string' && each.endsWith('/de-de')));
});

test('what is said to one ends when he leaves, everything with the room; a restart leaves nothing', async () => {
  const ear = new Ear();
  await ear.open(quiet({ 'alone-sound': 'conf-alone', 'enter-sound': ENTRY }));
  await ear.join(1);
  await ear.join(2);
  await ear.heard();
  const one = (await ear.house.read()).room?.participants[0]?.id;
  const isFor = (): boolean => [...ear.house.sounds.playings.values()].some((each) => each.playing.to === one);
  assert.ok(isFor());
  await ear.leave(1);
  assert.ok(!isFor());
  await ear.leave(2);
  assert.equal(ear.house.sounds.playings.size, 0);
  assert.equal((await ear.house.read()).room, undefined);
});

test('without a player nothing is announced, and everything else happens', async () => {
  const house = new FakeHouse({ bare: true });
  await house.create({});
  await house.join(1);
  await house.join(2);
  assert.equal((await house.read()).room?.announcing, undefined);
  assert.equal((await house.read()).room?.participants.length, 2);
});

test('a recording is told to all, to the deaf and to who comes later; who heard it to the end is in the facts, once', async () => {
  const ear = new Ear();
  await ear.open(quiet({}, { recording_notice: true }));
  for (const n of [1, 2, 3]) await ear.join(n);
  await ear.do('participants.deafen', { conference, which: 2, deaf: true });
  await ear.do('call.held', { conference, call: aCall(3).id, held: true });
  await ear.heard();
  await ear.do('recording.start', { conference });
  assert.deepEqual(await ear.heard(), ['all: conf-recording_notice', '2: conf-recording_notice']);
  await ear.join(4);
  assert.deepEqual(await ear.heard(), ['4: conf-recording_notice']);
  const told = () =>
    ear.house.events.facts.flatMap((each) =>
      each.type === 'notice.heard' ? [[each.about?.number, each.about?.noticed === each.recording]] : [],
    );
  assert.deepEqual(told(), [], 'not before its end');
  await ear.end();
  assert.deepEqual(
    told().sort(),
    [
      [1, true],
      [2, true],
      [4, true],
    ],
    'who holds the line hears nothing',
  );
  await ear.do('call.held', { conference, call: aCall(3).id, held: false });
  assert.deepEqual(await ear.heard(), ['3: conf-recording_notice'], 'he is back');
  await ear.end();
  assert.deepEqual(told().length, 4);
  await ear.do('recording.pause', { conference });
  assert.deepEqual(await ear.heard(), ['all: conf-recording_paused']);
  await ear.end();
  await ear.join(5);
  assert.deepEqual(await ear.heard(), [], 'nothing is recorded');
  await ear.do('recording.resume', { conference });
  assert.deepEqual(await ear.heard(), ['all: conf-recording_resumed', '2: conf-recording_resumed']);
  await ear.end();
  await ear.do('recording.stop', { conference });
  assert.deepEqual(await ear.heard(), ['all: conf-recording_stopped']);
});

test('a notice that could not be played was heard by nobody; switched off it is not said', async () => {
  const ear = new Ear();
  await ear.open(quiet({}, { recording_notice: true }));
  await ear.join(1);
  await ear.do('recording.start', { conference });
  await ear.end('failed');
  assert.ok(!ear.house.events.types(conference).includes('notice.heard'));
  const off = new Ear();
  await off.open(quiet());
  await off.join(1);
  await off.do('recording.start', { conference });
  assert.deepEqual(await off.heard(), []);
});

test('an announcement neither waits for a play nor lets it wait, and stopping all plays does not stop it', async () => {
  const ear = new Ear();
  await ear.open(quiet({ 'enter-sound': ENTRY }));
  await ear.join(1);
  await ear.do('play.start', { conference, sources: ['song'] });
  await ear.heard();
  await ear.join(2);
  assert.deepEqual(await ear.heard(), [`all: ${ENTRY}`]);
  await ear.do('play.start', { conference, sources: ['next'], to: 1 });
  assert.deepEqual(await ear.heard(), ['1: next']);
  await ear.do('play.stop', { conference, which: 'all' });
  assert.equal(ear.house.sounds.playings.size, 1);
});

let made = 0;

/** What is announced of facts, as `to: sources`. */
function said(before: Conference, next: Conference, facts: readonly Happening[]): string[] {
  const context: Context = {
    epoch: 5,
    actor: anActor,
    lacks: new Set(),
    newId: () => String(++made).padStart(32, '0'),
    newUuid: () => 'uuid',
  };
  const change = announced(before, { next, facts, effects: [] }, context);
  const bare = (each: PlaySource): string =>
    typeof each === 'string' ? (/^prompt:\/\/[^/]+\/([^/]+)\//.exec(each)?.[1] ?? each) : each.say;
  const whose = ({ to }: Playing): string => String(next.room?.participants.find(({ id }) => id === to)?.number ?? to);
  return (change.next.room?.announcing ?? []).map((each) => `${whose(each)}: ${each.sources.map(bare).join(' ')}`);
}

test('names: tone, name and what it does, when somebody comes and goes; five at once are one announcement', () => {
  const document = quiet({ 'enter-sound': ENTRY, 'exit-sound': EXIT });
  const one = aParticipant(2, { announcedAs: 'ann' });
  const before = aConference({ people: 1, document });
  const after = { ...before, room: { ...before.room!, participants: [...before.room!.participants, one] } };
  assert.deepEqual(said(before, after, [{ type: 'participant.joined', participant: one }]), [`all: ${ENTRY} ann conf-has_joined`]);
  assert.deepEqual(said(after, before, [{ type: 'participant.left', participant: one.id, reason: 'hung-up' }]), [
    `all: ${EXIT} ann conf-has_left`,
  ]);
  const five = [2, 3, 4, 5, 6].map((n) => aParticipant(n, { announcedAs: `name-${n}` }));
  const full = { ...before, room: { ...before.room!, participants: [...before.room!.participants, ...five] } };
  const facts = five.map((participant): Happening => ({ type: 'participant.joined', participant }));
  assert.deepEqual(said(before, full, facts), [
    `all: ${ENTRY} name-2 conf-has_joined name-3 conf-has_joined name-4 conf-has_joined name-5 conf-has_joined name-6 conf-has_joined`,
  ]);
});

test('moderators, and nobody else, are told who waits; all are told of ends, of moderators who come and go', () => {
  const conference = aConference({ people: 3, moderators: 2, document: quiet() });
  const waiting = { call: aCall(9), role: 'member' as const, at: 1 };
  const of = (...facts: Happening[]): string[] => said(conference, conference, facts);
  assert.deepEqual(of({ type: 'waiting.joined', waiting }), ['1: conf-caller_waiting', '2: conf-caller_waiting']);
  assert.deepEqual(of({ type: 'waiting.joined', waiting: { ...waiting, announcedAs: 'ann' } }), [
    '1: ann conf-is_waiting',
    '2: ann conf-is_waiting',
  ]);
  for (const [minutes, name] of [
    [10, 'conf-ends_in_10_minutes'],
    [5, 'conf-ends_in_5_minutes'],
    [1, 'conf-ends_in_1_minute'],
  ] as const) {
    assert.deepEqual(of({ type: 'room.ending', minutes, endsAt: 9 }), [`all: ${name}`]);
  }
  assert.deepEqual(of({ type: 'room.unattended', until: 9 }), ['all: conf-moderator_left']);
  assert.deepEqual(of({ type: 'room.attended' }), ['all: conf-moderator_back']);
  assert.deepEqual(of({ type: 'room.attended', led: false }), [], 'nobody came back');
  assert.deepEqual(of({ type: 'room.started' }), ['all: conf-moderator_arrived']);
  assert.deepEqual(of({ type: 'room.extended', endsAt: 9 }), ['all: conf-extended']);
  const hand: Happening = { type: 'participant.hand_raised', participant: aParticipant(3).id, raisedAt: 1 };
  assert.deepEqual(of(hand), ['3: conf-hand_raised', '1: conf-a_caller conf-has_raised_hand', '2: conf-a_caller conf-has_raised_hand']);
});

test('who waits for a moderator is not heard coming, nor going when nobody ever heard him', () => {
  const document = quiet({ 'enter-sound': ENTRY, 'exit-sound': EXIT }, { wait_for_moderator: true });
  const before = aConference({ people: 2, document });
  const after = aConference({ people: 3, document });
  assert.deepEqual(said(before, after, [{ type: 'participant.joined', participant: aParticipant(3) }]), []);
  assert.deepEqual(said(after, before, [{ type: 'participant.left', participant: aParticipant(3).id, reason: 'hung-up' }]), []);
});

test('true is the tone that account or server configured for the role, unless the document’s own profile names one', () => {
  const tones = { entry_tone: 'of-account', moderator_exit_tone: 'of-moderators' };
  const defaults = { account: tones, system: { entry_tone: 'of-server', exit_tone: 'of-server' } };
  const of = (role: Role, which: 'entry' | 'exit', profile: JsonObject = {}): unknown =>
    toneOf({ document: { play_entry_tone: true, profile }, defaults }, aParticipant(1, { role }), which);
  assert.deepEqual([of('member', 'entry'), of('member', 'exit'), of('moderator', 'exit')], ['of-account', 'of-server', 'of-moderators']);
  assert.equal(of('moderator', 'entry'), 'tone_stream://v=-7;>=2;+=.1;%(300,0,523,659);v=-7;>=3;+=.1;%(800,0,659,783)', 'kazoo-facts §7.6');
  assert.equal(of('member', 'entry', { 'enter-sound': 'own' }), 'own');
  assert.equal(of('member', 'entry', { 'enter-sound': '' }), undefined);
});
