import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Conference, FromServer, Person } from './protocol.ts';
import { EMPTY, heard, inOrder, newsOf, type Room } from './room.ts';

const conference: Conference = {
  name: 'Planning',
  language: 'en-us',
  locked: false,
  recording: false,
  transcribing: true,
  members_muted: false,
  waits_for_moderator: false,
  ends_at: null,
};

const person = (number: number, more: Partial<Person> = {}): Person => ({
  id: `p${number}`,
  number,
  name: `Person ${number}`,
  role: 'member',
  kind: 'phone',
  talking: false,
  muted: false,
  deaf: false,
  hand: false,
  ...more,
});

const fold = (frames: readonly FromServer[], from: Room = EMPTY): Room => frames.reduce(heard, from);
const answer: FromServer = { type: 'answer', sdp: 'v=0', resume: 'secret', ice_servers: [] };
const inside = fold([
  answer,
  { type: 'joined', participant: 'p1', role: 'member', conference },
  { type: 'people', people: [person(1), person(2)] },
]);
const caption = (who: string | null, text: string, final: boolean): FromServer => ({
  type: 'caption',
  who,
  name: 'x',
  text,
  final,
  language: 'en',
});

test('from the first frame to the conference', () => {
  assert.equal(EMPTY.at, 'connecting');
  assert.equal(fold([answer]).at, 'connecting');
  assert.deepEqual([fold([{ type: 'pin', wrong: true }]).at, fold([{ type: 'pin', wrong: true }]).wrong], ['pin', true]);
  assert.equal(fold([{ type: 'waiting', why: 'admission' }]).waiting, 'admission');
  assert.deepEqual([inside.at, inside.me, inside.people.size], ['in', 'p1', 2]);
});

test('people come, change and go; nobody is there twice', () => {
  const room = fold(
    [
      { type: 'person', person: person(3) },
      { type: 'person', person: person(3, { talking: true }) },
      { type: 'left', id: 'p2' },
      { type: 'left', id: 'nobody' },
    ],
    inside,
  );
  assert.deepEqual([...room.people.keys()], ['p1', 'p3']);
  assert.equal(room.people.get('p3')?.talking, true);
});

test('what a lost connection left out is repaired by the next list', () => {
  assert.deepEqual([...fold([{ type: 'people', people: [person(1), person(9)] }], inside).people.keys()], ['p1', 'p9']);
});

test('a caption takes the place of the same person’s unfinished one, and of nobody else’s', () => {
  const room = fold(
    [
      caption('p1', 'Go', false),
      caption('p2', 'Yes', false),
      caption('p1', 'Good', false),
      caption('p1', 'Good day', true),
      caption('p1', 'So', false),
    ],
    inside,
  );
  assert.deepEqual(
    room.captions.map(({ who, text }) => `${who}: ${text}`),
    ['p1: Good day', 'p2: Yes', 'p1: So'],
  );
  assert.equal(new Set(room.captions.map(({ id }) => id)).size, 3);
  const many = Array.from({ length: 500 }, (_, at) => caption('p1', String(at), true));
  assert.ok(fold(many, inside).captions.length <= 100);
  assert.equal(fold(many, inside).captions.at(-1)?.text, '499');
});

test('a refusal before the answer ends it; later it concerns only what was asked', () => {
  const problem: FromServer = { type: 'problem', title: 'no', detail: 'locked', status: 403, code: 'conference_locked' };
  assert.deepEqual(fold([problem]).ending, { cause: 'conference_locked', status: 403, text: 'locked' });
  assert.equal(fold([problem], inside).at, 'in');
});

test('an end is an end', () => {
  const over = fold([{ type: 'ended', cause: 'kicked', text: '' }], inside);
  assert.equal(over.at, 'ended');
  assert.equal(
    fold(
      [
        { type: 'waiting', why: 'welcome' },
        { type: 'person', person: person(5) },
      ],
      over,
    ),
    over,
  );
});

test('the order of the list: oneself, hands by their time, moderators, then as they came', () => {
  const people = [
    person(1, { role: 'moderator' }),
    person(2, { hand: true, hand_raised_at: '2026-01-01T10:00:05Z' }),
    person(3),
    person(4, { hand: true, hand_raised_at: '2026-01-01T10:00:01Z' }),
    person(5),
  ];
  const order = inOrder(new Map(people.map((each) => [each.id, each])), 'p5');
  assert.deepEqual(
    order.map(({ number }) => number),
    [5, 4, 2, 1, 3],
  );
});

test('news: others come, go and raise hands; recording, lock and promotion are told once', () => {
  const news = (frame: FromServer): string[] => newsOf(inside, frame).map(({ what }) => what);
  assert.deepEqual(news({ type: 'person', person: person(7) }), ['came']);
  assert.deepEqual(news({ type: 'person', person: person(2, { talking: true }) }), []);
  assert.deepEqual(news({ type: 'person', person: person(2, { hand: true }) }), ['hand']);
  assert.deepEqual(news({ type: 'person', person: person(1, { hand: true }) }), []);
  assert.deepEqual(news({ type: 'left', id: 'p2' }), ['went']);
  assert.deepEqual(news({ type: 'left', id: 'p1' }), []);
  assert.deepEqual(news({ type: 'conference', conference: { ...conference, recording: true, locked: true } }), ['recording', 'locked']);
  assert.deepEqual(news({ type: 'conference', conference }), []);
  assert.deepEqual(news({ type: 'self', ...inside.self, role: 'moderator' }), ['promoted']);
  assert.deepEqual(newsOf(inside, { type: 'problem', title: '', detail: '', status: 403, code: 'not_moderator' }), [
    { what: 'refused', code: 'not_moderator' },
  ]);
  assert.deepEqual(newsOf(EMPTY, { type: 'person', person: person(7) }), []);
});
