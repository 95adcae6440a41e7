import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialled, house, inside, leave } from '../../test/kit/calls-house.ts';
import { ConferenceClient } from '../../test/kit/conference-client.ts';
import { aConference, aParticipant } from '../../test/kit/conference-fakes.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { answerTo, cseqNumber, digestAnswer, header, type SipText } from '../../test/kit/sip-text.ts';
import { Failure } from '../base/index.ts';
import type { FollowOptions, Item } from '../bus/index.ts';
import type { Conference, ConferenceView, Fact } from '../conference/index.ts';

/** A house whose conference a test changes and tells of. */
async function watched(options: Parameters<typeof house>[0] = {}) {
  const followers = new Set<FollowOptions>();
  let conference: Conference | undefined = aConference({ people: 2, moderators: 1 });
  const at = await house({
    ...options,
    view: (): ConferenceView => {
      if (conference === undefined) throw new Failure('not-found', 'conference_not_found', 'gone');
      return { conference, at: 0, levels: new Map(), floor: undefined };
    },
    follow: async (wanted) => {
      followers.add(wanted);
      return { close: () => void followers.delete(wanted) };
    },
  });
  const tell = (type: string): void => {
    const item = { kind: 'fact', entry: { position: 1, fact: { type } as Fact } } as Item;
    for (const each of [...followers]) each.take(item);
  };
  /** The conference is another one from now on, and a fact says so. */
  const becomes = (next: Conference | undefined, type = 'participant.muted'): void => {
    conference = next;
    tell(type);
  };
  return { ...at, followers, becomes, tell };
}

type Watched = Awaited<ReturnType<typeof watched>>;

const desk = { From: '<sip:desk@one.test>;tag=desk', To: '<sip:3000@127.0.0.1>' };
const event = { Event: 'conference', Expires: '600' };

/** Subscribes as the device that knows the password. */
async function subscribed(at: Watched, lines: Record<string, string> = {}): Promise<SipText> {
  const uri = `sip:3000@${at.peer.server}`;
  const all = { ...desk, ...event, 'Call-ID': 'sub', ...lines };
  at.peer.request('SUBSCRIBE', { ...all, CSeq: '1 SUBSCRIBE' }, { uri });
  const challenged = await at.peer.answer('SUBSCRIBE');
  assert.equal(challenged.status, 401);
  const who = { user: 'desk', password: 'secret', method: 'SUBSCRIBE', uri };
  const Authorization = digestAnswer(header(challenged, 'www-authenticate'), who);
  at.peer.request('SUBSCRIBE', { ...all, Authorization, CSeq: '2 SUBSCRIBE' }, { uri });
  return at.peer.answer('SUBSCRIBE');
}

const again = (at: Watched, answer: SipText, lines: Record<string, string>): void =>
  void at.peer.request('SUBSCRIBE', { ...desk, ...event, 'Call-ID': 'sub', To: header(answer, 'to'), ...lines });

const states = (notify: SipText): string => header(notify, 'subscription-state').replace(/=\d+$/, '=N');

/** Everything that was said before has been heard. */
async function heardOut({ peer }: Watched): Promise<void> {
  peer.request('OPTIONS', { 'Call-ID': 'ping' });
  await peer.answer('OPTIONS');
}

const met = async (condition: () => boolean): Promise<void> => {
  for (let left = 5000; left > 0 && !condition(); left -= 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(condition(), 'it did not come to that');
};

test('a device subscribes: 200, at once everything, then what changes, versions one by one', async () => {
  const clock = new FakeClock();
  const at = await watched({ clock });
  const answer = await subscribed(at);
  assert.equal(answer.status, 200);
  assert.match(header(answer, 'to'), /;tag=\w+/);
  assert.match(header(answer, 'contact'), /^<sip:c{32}@127\.0\.0\.1:\d+>;isfocus$/);
  assert.deepEqual([header(answer, 'expires'), header(answer, 'allow-events')], ['600', 'conference']);
  const client = new ConferenceClient();
  const first = await at.peer.served('NOTIFY');
  assert.deepEqual(
    [header(first, 'event'), states(first), header(first, 'content-type'), header(first, 'to').includes('tag=desk')],
    ['conference', 'active;expires=N', 'application/conference-info+xml', true],
  );
  client.take(first.body);
  assert.deepEqual([client.users.size, at.calls.counts().subscriptions], [2, 1]);
  const before = aConference({ people: 2, moderators: 1 });
  await heardOut(at);
  at.becomes({ ...before, room: { ...before.room!, participants: [aParticipant(1, { muted: ['self'] }), aParticipant(2)] } });
  at.becomes({ ...before, room: { ...before.room!, participants: [aParticipant(1, { muted: ['self'] })] } });
  clock.advance(999);
  await heardOut(at);
  assert.equal(at.peer.heard.length, 0, 'not twice in a second');
  clock.advance(1);
  const second = await at.peer.served('NOTIFY');
  client.take(second.body);
  assert.equal(cseqNumber(second), cseqNumber(first) + 1);
  assert.match(second.body, /state="partial"/);
  assert.equal(client.users.size, 1);
  await leave(at);
});

test('a refresh is told everything again, Expires: 0 ends it, and then there is nothing to refresh', async () => {
  const at = await watched();
  const answer = await subscribed(at);
  await at.peer.served('NOTIFY');
  again(at, answer, { CSeq: '3 SUBSCRIBE', Expires: '99999' });
  assert.equal(header(await at.peer.answer('SUBSCRIBE'), 'expires'), '3600', 'not for longer than an hour');
  const refreshed = await at.peer.served('NOTIFY');
  assert.match(refreshed.body, /state="full" version="2"/);
  again(at, answer, { CSeq: '4 SUBSCRIBE', Expires: '30' });
  const brief = await at.peer.answer('SUBSCRIBE');
  assert.deepEqual([brief.status, header(brief, 'min-expires')], [423, '60']);
  again(at, answer, { CSeq: '5 SUBSCRIBE', Expires: '0' });
  assert.equal((await at.peer.answer('SUBSCRIBE')).status, 200);
  const last = await at.peer.served('NOTIFY');
  assert.equal(states(last), 'terminated;reason=timeout');
  await met(() => at.calls.counts().subscriptions === 0);
  assert.equal(at.followers.size, 0, 'nobody is followed for nobody');
  again(at, answer, { CSeq: '6 SUBSCRIBE' });
  assert.equal((await at.peer.answer('SUBSCRIBE')).status, 481);
  await leave(at);
});

test('what is not served, and who may not', async () => {
  const at = await watched();
  const rows: [number, Record<string, string>, [string, RegExp]?][] = [
    [489, { Event: 'presence' }, ['allow-events', /^conference$/]],
    [489, { Event: '' }, ['allow-events', /^conference$/]],
    [406, { Accept: 'application/pidf+xml' }, ['accept', /^application\/conference-info\+xml$/]],
    [423, { Expires: '1' }, ['min-expires', /^60$/]],
    [400, { Expires: 'soon' }],
    [401, { From: '<sip:guest@elsewhere.test>;tag=g' }, ['www-authenticate', /realm="one.test"/]],
    [401, {}, ['www-authenticate', /SHA-256/]],
    [481, { To: '<sip:3000@127.0.0.1>;tag=nobody' }],
  ];
  for (const [n, [status, lines, [name, value] = []]] of rows.entries()) {
    at.peer.request('SUBSCRIBE', { ...desk, ...event, CSeq: '1 SUBSCRIBE', 'Call-ID': `row-${n}`, ...lines });
    const answer = await at.peer.answer('SUBSCRIBE');
    assert.equal(answer.status, status, `row ${n}`);
    if (name !== undefined && value !== undefined) assert.match(header(answer, name), value);
  }
  at.peer.request('SUBSCRIBE', { ...desk, ...event, 'Call-ID': 'w', CSeq: '1 SUBSCRIBE' });
  const challenge = header(await at.peer.answer('SUBSCRIBE'), 'www-authenticate');
  const wrong = digestAnswer(challenge, { user: 'desk', password: 'wrong', method: 'SUBSCRIBE', uri: `sip:3000@${at.peer.server}` });
  at.peer.request('SUBSCRIBE', { ...desk, ...event, 'Call-ID': 'w', CSeq: '2 SUBSCRIBE', Authorization: wrong });
  assert.equal((await at.peer.answer('SUBSCRIBE')).status, 403);
  assert.equal(at.calls.counts().subscriptions, 0);
  await leave(at);
});

test('a guest in the conference subscribes in the dialog of his call, and no longer than that', async () => {
  const at = await watched();
  const answer = await dialled(at);
  assert.match(header(answer, 'contact'), /^<sip:c{32}@.*>;isfocus$/);
  assert.equal(header(answer, 'allow-events'), 'conference');
  at.peer.request('ACK', inside(answer, '1 ACK'));
  at.peer.request('SUBSCRIBE', { ...inside(answer, '2 SUBSCRIBE'), ...event, Event: 'conference;id=7' });
  const granted = await at.peer.answer('SUBSCRIBE');
  assert.deepEqual([granted.status, header(granted, 'expires')], [200, '600']);
  const first = await at.peer.served('NOTIFY');
  assert.deepEqual([header(first, 'event'), header(first, 'call-id')], ['conference;id=7', header(answer, 'call-id')]);
  at.peer.request('SUBSCRIBE', { ...inside(answer, '3 SUBSCRIBE'), ...event, Event: 'conference;id=8' });
  assert.equal((await at.peer.answer('SUBSCRIBE')).status, 200);
  assert.equal(header(await at.peer.served('NOTIFY'), 'event'), 'conference;id=8');
  assert.equal(at.calls.counts().subscriptions, 2);
  for (const [n, status] of [200, 200, 503].entries()) {
    at.peer.request('SUBSCRIBE', { ...inside(answer, `${4 + n} SUBSCRIBE`), ...event, Event: `conference;id=${9 + n}` });
    assert.equal((await at.peer.answer('SUBSCRIBE')).status, status, 'four in a dialog are enough');
    if (status === 200) await at.peer.served('NOTIFY');
  }
  at.peer.request('BYE', inside(answer, '9 BYE'));
  await at.peer.answer('BYE');
  for (const _ of [7, 8, 9, 10]) {
    const last = await at.peer.served('NOTIFY');
    assert.deepEqual([states(last), last.body], ['terminated;reason=rejected', ''], 'who has left is told nothing more');
  }
  await met(() => at.calls.counts().subscriptions === 0);
  await leave(at);
});

test('a room that closes, and a conference that is gone, end the subscription', async () => {
  for (const gone of [false, true]) {
    const at = await watched();
    await subscribed(at);
    const client = new ConferenceClient();
    client.take((await at.peer.served('NOTIFY')).body);
    at.becomes(gone ? undefined : aConference(), gone ? 'conference.deleted' : 'room.closed');
    const last = await at.peer.served('NOTIFY');
    assert.equal(states(last), 'terminated;reason=noresource');
    client.take(last.body);
    assert.equal(client.state, 'deleted');
    await met(() => at.calls.counts().subscriptions === 0);
    await leave(at);
  }
});

test('who answers a NOTIFY with 481, or not at all, is forgotten; who is busy is told everything later', async () => {
  const clock = new FakeClock();
  const at = await watched({ clock });
  const refuse = async (status: string, lines: [string, string][] = []): Promise<void> => {
    const notify = await at.peer.hear((message) => message.method === 'NOTIFY');
    at.peer.say(answerTo(notify, status, { toTag: 'x', lines }));
  };
  await subscribed(at);
  await refuse('503 Busy', [['Retry-After', '2']]);
  await met(() => {
    clock.advance(250);
    return at.peer.heard.some((each) => each.method === 'NOTIFY' && /state="full" version="2"/.test(each.body));
  });
  at.peer.heard.length = 0;
  await refuse('481 Gone');
  await met(() => at.calls.counts().subscriptions === 0);
  await subscribed(at, { 'Call-ID': 'second' });
  assert.equal(at.calls.counts().subscriptions, 1);
  await met(() => {
    clock.advance(500);
    return at.calls.counts().subscriptions === 0;
  });
  await leave(at);
});

test('one NOTIFY at a time: what changes while one is unanswered comes in one document', async () => {
  const clock = new FakeClock();
  const at = await watched({ clock });
  await subscribed(at);
  const first = await at.peer.hear((message) => message.method === 'NOTIFY');
  const before = aConference({ people: 2 });
  for (const locked of [true, false, true]) at.becomes({ ...before, locked });
  clock.advance(1100);
  await heardOut(at);
  assert.ok(
    at.peer.heard.every((each) => cseqNumber(each) === cseqNumber(first)),
    'only the first, again',
  );
  at.peer.heard.length = 0;
  at.peer.say(answerTo(first, '200 OK', { toTag: 'x' }));
  const next = await at.peer.served('NOTIFY');
  assert.match(next.body, /<locked>true<\/locked>/);
  assert.match(next.body, /version="2"/);
  await leave(at);
});

test('beyond the limit 503; who only asks is told once; when the server stops it says come back', async () => {
  const at = await watched({ limits: { maxSubscriptions: 1 } });
  await subscribed(at, { Expires: '0', 'Call-ID': 'fetch' });
  const fetched = await at.peer.served('NOTIFY');
  assert.equal(states(fetched), 'terminated;reason=timeout');
  assert.match(fetched.body, /state="full" version="1"/);
  await met(() => at.calls.counts().subscriptions === 0);
  await subscribed(at);
  await at.peer.served('NOTIFY');
  const second = await subscribed(at, { 'Call-ID': 'more' });
  assert.deepEqual([second.status, header(second, 'retry-after') !== ''], [503, true]);
  const closing = at.calls.close();
  const last = await at.peer.served('NOTIFY');
  assert.equal(header(last, 'subscription-state'), 'terminated;reason=probation;retry-after=5');
  await closing;
  at.peer.close();
});
