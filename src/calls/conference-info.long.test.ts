import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConferenceClient, child, parseXml, type XmlElement } from '../../test/kit/conference-client.ts';
import { aCall, aConference, aParticipant } from '../../test/kit/conference-fakes.ts';
import type { Conference, ConferenceView, Participant } from '../conference/index.ts';
import { deletedDocument, nextDocument, type Roster, rosterOf } from './conference-info.ts';

const host = 'parley.test:5060';
const viewOf = (conference: Conference): ConferenceView => ({ conference, at: 0, levels: new Map(), floor: undefined });
const withPeople = (people: readonly Participant[], parts: Partial<Conference> = {}): Conference => {
  const conference = aConference({ people: 1, ...parts });
  return { ...conference, room: { ...conference.room!, participants: people } };
};
const rosterWith = (people: readonly Participant[], parts: Partial<Conference> = {}): Roster =>
  rosterOf(viewOf(withPeople(people, parts)), host);
const full = (now: Roster): string => nextDocument({ knows: undefined, now, version: 1, room: 1e9 })!.xml;
const texts = (of: XmlElement | undefined): unknown =>
  of?.children.map(({ name, text, children }) => [name, children.length > 0 ? texts({ children } as XmlElement) : text]);

test('a full document has all that RFC 4575 section 5 has a place for and we know', () => {
  const people = [
    aParticipant(1, { role: 'moderator', joinedAt: Date.UTC(2026, 10, 21, 12, 30, 5) }),
    aParticipant(2, { call: aCall(2, { direction: 'outbound', callerName: '' }), muted: ['moderator'] }),
    aParticipant(3, { call: aCall(3, { channelVars: { username: 'desk', realm: 'one.test' } }), deaf: true }),
    aParticipant(4, { call: aCall(4, { channelVars: { username: 'desk', realm: 'one.test' } }), muted: ['hold'], deaf: true, ghost: true }),
  ];
  const root = parseXml(full(rosterWith(people, { locked: true, document: { name: 'Board', max_participants: 9 } })));
  assert.deepEqual(root.attributes, {
    xmlns: 'urn:ietf:params:xml:ns:conference-info',
    entity: `sip:${'c'.repeat(32)}@${host}`,
    state: 'full',
    version: '1',
  });
  assert.deepEqual(texts(child(root, 'conference-description')), [
    ['display-text', 'Board'],
    ['maximum-user-count', '9'],
  ]);
  assert.deepEqual(texts(child(root, 'conference-state')), [
    ['user-count', '3'],
    ['active', 'true'],
    ['locked', 'true'],
  ]);
  const users = child(root, 'users')!;
  assert.deepEqual(users.attributes, { state: 'full' });
  const shown = users.children.map((each) => [
    each.attributes['entity'],
    child(each, 'display-text')?.text,
    child(child(each, 'roles'), 'entry')?.text,
  ]);
  assert.deepEqual(shown, [
    [`sip:1001@${host};participant=1`, 'Caller 1', 'moderator'],
    [`sip:1002@${host};participant=2`, '1002', 'participant'],
    ['sip:desk@one.test', 'Caller 3', 'participant'],
  ]);
  const endpoints = users.children.flatMap((each) => each.children.filter(({ name }) => name === 'endpoint'));
  const media = (each: XmlElement): unknown => [child(child(each, 'media'), 'type')?.text, child(child(each, 'media'), 'status')?.text];
  assert.deepEqual(
    endpoints.map((each) => [child(each, 'status')?.text, child(each, 'joining-method')?.text, media(each)]),
    [
      ['connected', 'dialed-in', ['audio', 'sendrecv']],
      ['connected', 'dialed-out', ['audio', 'recvonly']],
      ['connected', 'dialed-in', ['audio', 'sendonly']],
      ['on-hold', 'dialed-in', ['audio', 'inactive']],
    ],
  );
  assert.equal(child(child(endpoints[0], 'joining-info'), 'when')?.text, '2026-11-21T12:30:05Z');
  assert.equal(new Set(endpoints.map((each) => each.attributes['entity'])).size, 4);
});

test('a conference without a room is not active, and one that is over is deleted', () => {
  const root = parseXml(full(rosterOf(viewOf(aConference()), host)));
  assert.deepEqual(texts(child(root, 'conference-state')), [
    ['user-count', '0'],
    ['active', 'false'],
    ['locked', 'false'],
  ]);
  assert.deepEqual(parseXml(deletedDocument('sip:a&b@c', 7)).attributes, {
    xmlns: 'urn:ietf:params:xml:ns:conference-info',
    entity: 'sip:a&b@c',
    state: 'deleted',
    version: '7',
  });
});

test('whatever callers name themselves, the document is well-formed and says nothing that they made up', () => {
  const names = ['</display-text><user entity="x"/>', ']]>&amp;&#0;', '\u0000\u001b\u000b\ufffe', '\ud800', '"\'<>&\t\r\n', '<!--', '🦜'];
  const hostile = fc.oneof(fc.constantFrom(...names), fc.string({ unit: 'binary', maxLength: 20 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, hostile), { maxLength: 4 }), hostile, (people, title) => {
      const all = people.map(([callerName, callerNumber], index) =>
        aParticipant(index + 1, { call: aCall(index + 1, { callerName, callerNumber }) }),
      );
      const root = parseXml(full(rosterWith(all, { document: { name: title } })));
      assert.equal(child(root, 'users')?.children.length, all.length);
      for (const { attributes } of child(root, 'users')!.children)
        assert.match(attributes['entity'] ?? '', /^sip:[\w%.!~*'()-]+@parley\.test:5060;participant=\d+$/);
    }),
  );
  const kept = parseXml(full(rosterWith([aParticipant(1, { call: aCall(1, { callerName: 'A\t"B" & <C> 🦜' }) })])));
  assert.equal(child(child(kept, 'users')!.children[0], 'display-text')?.text, 'A\t"B" & <C> 🦜');
});

const person = fc.record({
  n: fc.integer({ min: 1, max: 9 }),
  muted: fc.boolean(),
  deaf: fc.boolean(),
  moderator: fc.boolean(),
  desk: fc.boolean(),
});
const moment = fc.record({
  people: fc.uniqueArray(person, { selector: (each) => each.n }),
  locked: fc.boolean(),
  name: fc.constantFrom('', 'a', 'b'),
});

test('whoever applies partial documents, split as they may be, knows what a fresh full one says', () => {
  fc.assert(
    fc.property(fc.array(moment, { minLength: 1, maxLength: 8 }), fc.constantFrom(1, 700, 1e9), (moments, room) => {
      const client = new ConferenceClient();
      let knows: Roster | undefined;
      for (const { people, locked, name } of moments) {
        const all = people.map(({ n, muted, deaf, moderator, desk }) =>
          aParticipant(n, {
            muted: muted ? ['self'] : [],
            deaf,
            role: moderator ? 'moderator' : 'member',
            call: aCall(n, desk ? { channelVars: { username: 'desk', realm: 'one.test' } } : {}),
          }),
        );
        const now = rosterWith(all, { locked, document: { name } });
        for (let next = nextDocument({ knows, now, version: client.version + 1, room }); next !== undefined; ) {
          client.take(next.xml);
          knows = next.knows;
          if (!next.more) break;
          next = nextDocument({ knows, now, version: client.version + 1, room });
        }
        const fresh = new ConferenceClient();
        fresh.take(full(now));
        assert.deepEqual(client.shown, fresh.shown);
        assert.equal(nextDocument({ knows, now, version: 99, room }), undefined, 'there is nothing left to tell');
      }
    }),
  );
});

test('a change is told alone, and a document holds no more users than it may', () => {
  const before = rosterWith([1, 2, 3].map((n) => aParticipant(n)));
  const after = rosterWith([aParticipant(2, { muted: ['self'] }), aParticipant(3)]);
  const root = parseXml(nextDocument({ knows: before, now: after, version: 2, room: 1e9 })!.xml);
  assert.equal(root.attributes['state'], 'partial');
  assert.equal(child(root, 'conference-description'), undefined);
  assert.deepEqual(texts(child(root, 'conference-state')), [
    ['user-count', '2'],
    ['active', 'true'],
    ['locked', 'false'],
  ]);
  assert.deepEqual(
    child(root, 'users')?.children.map(({ attributes }) => [attributes['entity'], attributes['state']]),
    [
      [`sip:1001@${host};participant=1`, 'deleted'],
      [`sip:1002@${host};participant=2`, 'full'],
    ],
  );
  const crowd = rosterWith(Array.from({ length: 500 }, (_, n) => aParticipant(n + 1)));
  const first = nextDocument({ knows: undefined, now: crowd, version: 1, room: 40_000 })!;
  assert.ok(first.more && Buffer.byteLength(first.xml) < 41_000);
});
