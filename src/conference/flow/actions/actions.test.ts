import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drive, END, of, run, talk } from '../../../../test/kit/drive-run.ts';
import type { JsonObject } from '../../../base/index.ts';

test('play plays what it is given; a key ends what says so, and one that was pressed before passes over it', () => {
  const sounds = run({ type: 'play', option: { stream_urls: ['http://a/1.wav', 'http://a/2.wav'] } });
  assert.deepEqual(sounds.wanted(), [{ do: 'answer' }, { do: 'play', play: 1, sources: ['http://a/1.wav', 'http://a/2.wav'], loops: 1 }]);
  const menu = run(talk('long', { option: { text: 'long', digits_handle: 'next' } }), talk('short')).press('5');
  assert.deepEqual(menu.said(), ['long', 'short']);
  assert.ok(menu.effects.some((each) => each.do === 'hush' && each.play === 1));
  const ahead = run(
    { type: 'sleep', option: { duration: 1000 } },
    talk('long', { option: { text: 'long', digits_handle: 'next' } }),
    talk('short'),
  );
  assert.deepEqual(ahead.press('5').pass(1000).said(), ['short']);
  assert.deepEqual(
    run(talk('x', { option: { text: 'x', language: 'de-DE', voice_id: 'v' } }))
      .wanted()
      .at(-1),
    {
      do: 'play',
      play: 1,
      sources: [{ say: 'x', language: 'de-DE', voice: 'v' }],
      loops: 1,
    },
  );
});

test('what is said aside does not hold up the flow', () => {
  const drive = run({ type: 'talk', option: { text: 'aside', async: true } }, { type: 'sleep', option: { duration: 10 } });
  assert.deepEqual(drive.said(), ['aside']);
  assert.equal(drive.machine.deadline(drive.state), 10);
});

test('sleep sleeps so long', () => {
  const drive = run({ type: 'sleep', option: { duration: 1500 } }, talk('up'));
  assert.deepEqual(drive.pass(1499).said(), []);
  assert.deepEqual(drive.pass(1).said(), ['up']);
});

test('echo and stream_echo give him back to himself, three minutes where nobody says how long', () => {
  for (const type of ['echo', 'stream_echo']) {
    const drive = run({ type, option: {} });
    assert.deepEqual(drive.wanted(), [{ do: 'answer' }, { do: 'echo', on: true }]);
    assert.deepEqual(drive.pass(179_999).wanted(), []);
    assert.deepEqual(drive.pass(1).wanted(), [{ do: 'echo', on: false }, END]);
    assert.deepEqual(
      run({ type, option: { duration: 500 } })
        .pass(500)
        .wanted()
        .at(-1),
      END,
    );
  }
});

const receive = (option: JsonObject): JsonObject => ({ type: 'digits_receive', option: { duration: 5000, ...option } });

test('digits are received by length, by a key, or until time is over; the key is part of them', () => {
  const byLength = run(receive({ length: 4 }), talk('got')).press('123');
  assert.deepEqual(byLength.said(), []);
  byLength.press('4');
  assert.deepEqual([byLength.said(), byLength.variable['voipbin.call.digits']], [['got'], '1234']);
  const byKey = run(receive({ key: '#*' }), talk('got')).press('12345#');
  assert.deepEqual([byKey.said(), byKey.variable['voipbin.call.digits']], [['got'], '12345#']);
  const byTime = run(receive({ length: 4 }), talk('got'))
    .press('12')
    .pass(4999);
  assert.deepEqual(byTime.said(), []);
  assert.deepEqual([byTime.pass(1).said(), byTime.variable['voipbin.call.digits']], [['got'], '12']);
  // Documented default: one.
  assert.equal(run(receive({}), talk('got')).press('7').variable['voipbin.call.digits'], '7');
});

test('keys that were pressed ahead are the first that are received, and what is left waits for the next', () => {
  const drive = run({ type: 'sleep', option: { duration: 100 } }, receive({ length: 2 }), talk('one'), receive({ length: 3 }), talk('two'));
  drive.press('1234').pass(100);
  assert.deepEqual([drive.said(), drive.variable['voipbin.call.digits']], [['one'], '12']);
  drive.played();
  assert.equal(drive.variable['voipbin.call.digits'], '34');
  drive.press('5');
  assert.deepEqual([drive.said(), drive.variable['voipbin.call.digits']], [['one', 'two'], '345']);
});

test('goto goes back so often and then on', () => {
  const drive = run({ ...talk('again'), id: 'top' }, { type: 'goto', option: { target_id: 'top', loop_count: 2 } }, talk('done'));
  for (let n = 0; n < 3; n++) drive.played();
  assert.deepEqual(drive.said(), ['again', 'again', 'again', 'done']);
  assert.deepEqual(
    run({ ...talk('once'), id: 'top' }, { type: 'goto', option: { target_id: 'top' } })
      .played()
      .said(),
    ['once'],
  );
});

test('branch goes where the digits say, and forgets them', () => {
  const menu = [
    receive({ length: 1 }),
    { type: 'branch', option: { target_ids: { '1': 'one', '2': 'two' }, default_target_id: 'other' } },
    { ...talk('one'), id: 'one', next_id: 'end' },
    { ...talk('two'), id: 'two', next_id: 'end' },
    { ...talk('other'), id: 'other' },
    { ...talk('end'), id: 'end' },
  ];
  assert.deepEqual(
    run(...menu)
      .press('2')
      .said(),
    ['two'],
  );
  assert.deepEqual(
    run(...menu)
      .press('9')
      .said(),
    ['other'],
  );
  assert.deepEqual(run(...menu).press('2').variable['voipbin.call.digits'], undefined);
  // A name that every object has is no target.
  assert.deepEqual(
    new Drive([{ type: 'branch', option: { variable: 'v', target_ids: {} } }, talk('next')], { v: 'constructor' }).begin().said(),
    ['next'],
  );
});

test('conditions go on, or elsewhere', () => {
  const said = (condition: JsonObject, variables: Record<string, string> = {}): string =>
    new Drive([condition, talk('yes'), { ...talk('no'), id: 'no' }], variables).begin().said()[0]!;
  const variable = (option: JsonObject): JsonObject => ({
    type: 'condition_variable',
    option: { variable: 'v', false_target_id: 'no', ...option },
  });
  const number = (how: string, value: number) => variable({ condition: how, value_type: 'number', value_number: value });
  for (const [how, five, six] of [
    ['==', 'yes', 'no'],
    ['!=', 'no', 'yes'],
    ['<', 'no', 'yes'],
    ['<=', 'yes', 'yes'],
    ['>', 'no', 'no'],
    ['>=', 'yes', 'no'],
  ] as const) {
    assert.deepEqual([said(number(how, 5), { v: '5' }), said(number(how, 6), { v: '5' })], [five, six], how);
  }
  assert.equal(said(variable({ condition: '==', value_type: 'string', value_string: 'a' }), { v: 'a' }), 'yes');
  assert.equal(said(variable({ condition: '>', value_type: 'length', value_length: 2 }), { v: 'abc' }), 'yes');
  assert.equal(said(number('<', 5)), 'no', 'what is not there is no number');

  const time = (option: JsonObject): JsonObject => ({
    type: 'condition_datetime',
    option: { condition: '==', false_target_id: 'no', ...option },
  });
  assert.equal(said(time({ hour: 22, minute: 30 })), 'yes');
  assert.equal(said(time({ hour: 22 })), 'no', 'a minute that is left out is 0');
  assert.equal(said(time({ hour: 22, minute: -1, day: 21, month: 11, weekdays: [6] })), 'yes');
  assert.equal(said(time({ hour: -1, minute: -1, weekdays: [0, 1] })), 'no');
  assert.equal(said({ ...time({ hour: 9, minute: -1 }), option: { condition: '>=', hour: 9, minute: -1, false_target_id: 'no' } }), 'yes');

  assert.equal(said({ type: 'condition_call_status', option: { status: 'progressing', false_target_id: 'no' } }), 'no');
  assert.equal(said({ type: 'condition_call_status', option: { status: 'ringing', false_target_id: 'no' } }), 'yes');
  const digits = (option: JsonObject) =>
    run(receive({ length: 2 }), { type: 'condition_call_digits', option: { false_target_id: 'no', ...option } }, talk('yes'), {
      ...talk('no'),
      id: 'no',
    })
      .press('12')
      .said()[0];
  assert.deepEqual([digits({ length: 2 }), digits({ length: 3 }), digits({ key: '2' }), digits({ key: '#' })], ['yes', 'no', 'yes', 'no']);
});

test('fetch asks a server for actions and runs them; nonsense is skipped', () => {
  const ask = () => run({ type: 'fetch', option: { event_url: 'https://example.org/x', event_method: 'POST' } }, talk('behind'));
  const { effects } = ask();
  assert.deepEqual(effects[0], {
    do: 'ask',
    ask: 1,
    question: {
      what: 'web',
      method: 'POST',
      uri: 'https://example.org/x',
      type: 'application/json',
      body: JSON.stringify({ activeflow_id: 'run', reference_id: '11111111-1111-1111-1111-111111111111' }),
    },
  });
  for (const [body, said] of [
    [JSON.stringify([talk('told')]), ['told', 'behind']],
    ['{}', ['behind']],
    ['no json', ['behind']],
    ['[1]', ['behind']],
  ] as const) {
    assert.deepEqual(ask().answer({ what: 'web', body }).feed({ type: 'answered' }).played().said(), said);
  }
});

test('webhook_send tells; with sync the answer sets variables', () => {
  const told = run({
    type: 'webhook_send',
    option: { uri: 'https://e.org/', method: 'POST', data_type: 'application/json', data: `{"n":"${of('voipbin.call.source.target')}"}` },
  });
  assert.deepEqual(told.wanted()[0], {
    do: 'tell',
    question: { what: 'web', method: 'POST', uri: 'https://e.org/', type: 'application/json', body: '{"n":"+4930123"}' },
  });
  const sync = run({ type: 'webhook_send', option: { uri: 'https://e.org/', sync: true } }, talk(`${of('a')} ${of('b')}`));
  sync.answer({ what: 'web', body: '{"a":"x","b":7,"voipbin.call.id":"stolen"}' }).feed({ type: 'answered' });
  assert.deepEqual(sync.said(), ['x 7']);
  assert.equal(sync.variable['voipbin.call.id'], '11111111-1111-1111-1111-111111111111');
});

test('digits_send presses keys and waits for the last', () => {
  const drive = run({ type: 'digits_send', option: { digits: '12a#', duration: 5, interval: 9999 } }, talk('done'));
  assert.deepEqual(drive.effects.at(-1), {
    do: 'ask',
    ask: 1,
    question: { what: 'keys', digits: '12A#', durationMs: 100, intervalMs: 5000 },
  });
  assert.deepEqual(drive.answer({ what: 'keys' }).said(), ['done']);
});

const join = (more: JsonObject = {}): JsonObject => ({
  type: 'conference_join',
  option: { conference_id: '99accfb7-c0dd-4a54-997d-dd18af7bc280' },
  ...more,
});
const conference = '99accfb7c0dd4a54997ddd18af7bc280';

test('conference_join goes in, stays, and goes on when he is out while his call is up', () => {
  const drive = run(join(), talk('behind')).answer({ what: 'conference', document: {} });
  assert.deepEqual(drive.wanted().at(-1), { do: 'enter', conference, entrance: { goesOn: true } });
  drive.feed({ type: 'joined' });
  assert.deepEqual(drive.said(), []);
  assert.deepEqual(drive.feed({ type: 'left', reason: 'kicked' }).said(), ['behind']);
  const last = run(join()).answer({ what: 'conference', document: {} });
  assert.deepEqual(last.wanted().at(-1), { do: 'enter', conference, entrance: { goesOn: false } });
  assert.deepEqual(
    run(join())
      .answer({ what: 'nothing', refusal: { code: 'conference_not_found', words: '' } })
      .wanted()
      .at(-1),
    {
      do: 'hang-up',
      reason: 'flow-ended',
      status: 404,
    },
  );
  assert.deepEqual(
    run(join(), talk('behind'))
      .answer({ what: 'conference', document: {} })
      .feed({ type: 'refused', refusal: { code: 'conference_locked', words: '' } })
      .said(),
    ['behind'],
  );
});

test('what a conference has to be done before and behind is done on his own leg', () => {
  const document = { pvt_terms: { preActions: [talk('before')], postActions: [talk('after')] } };
  const drive = run(join(), talk('behind')).answer({ what: 'conference', document });
  assert.deepEqual(drive.said(), ['before']);
  drive.played();
  assert.deepEqual(drive.effects.at(-1), { do: 'enter', conference, entrance: { goesOn: true } });
  drive.feed({ type: 'joined' }).feed({ type: 'left', reason: 'conference-deleted' });
  assert.deepEqual(drive.said(), ['before', 'after']);
  assert.deepEqual(drive.played().said(), ['before', 'after', 'behind']);
  const kept = run(join()).answer({ what: 'conference', document: { pvt_terms: { preActions: [{ type: 'hangup' }] } } });
  assert.ok(!kept.effects.some((each) => each.do === 'enter'), 'who is hung up before never joins');
  const flows = run(join()).answer({
    what: 'conference',
    document: { pvt_terms: { preFlow: 'f' } },
  });
  assert.deepEqual(flows.effects.at(-1), { do: 'ask', ask: 2, question: { what: 'flow', flow: 'f' } });
});

test('conference_enter asks number, PIN and what else, and its keys are nobody else`s', () => {
  const drive = run({ type: 'conference_enter', option: {} });
  drive.press('77');
  drive.answer({ what: 'reception', reception: { language: 'en-us', welcome: 'tone_stream://w', numberTimeout: 5000 } });
  drive.press('01#').pass(10_000);
  const find = drive.effects.findLast((each) => each.do === 'ask');
  assert.deepEqual(find?.question, { what: 'entry', effect: { do: 'find', number: '7701' } });
  assert.equal(drive.variable['voipbin.call.digits'], '');
  const plan = { conference: conference as never, language: 'en-us', role: 'member', joinExisting: false } as const;
  drive.answer({ what: 'entry', input: { type: 'found', plan, delay: 0 } }).pass(10_000);
  assert.deepEqual(
    drive.effects.findLast((each) => each.do === 'enter'),
    {
      do: 'enter',
      conference,
      entrance: { role: 'member', joinExisting: false, goesOn: false },
    },
  );
  drive.feed({ type: 'joined' });
  assert.equal(drive.state.at, 'acting');
});

const connects = (option: JsonObject = {}): JsonObject => ({
  type: 'connect',
  option: {
    destinations: [
      { type: 'extension', target: '1001' },
      { target: '1002', delay: 500 },
    ],
    timeout: 9000,
    ...option,
  },
});

test('connect calls somebody: the caller is not answered before the other is, and goes on when he has gone', () => {
  const drive = new Drive([connects(), talk('behind')]).begin({ answered: false });
  assert.deepEqual(drive.wanted(), [
    { do: 'ring' },
    {
      do: 'connect',
      connect: 2,
      destinations: [{ target: '1001' }, { target: '1002', delayMs: 500 }],
      timeoutMs: 9000,
      strategy: 'simultaneous',
      callerId: { name: 'Ann', number: '+4930123' },
    },
  ]);
  drive.feed({ type: 'connection', connect: 2, what: 'connected' });
  assert.deepEqual(drive.wanted(), [{ do: 'answer' }]);
  drive.feed({ type: 'answered' });
  drive.feed({ type: 'connection', connect: 2, what: 'parted' });
  assert.deepEqual(drive.said(), ['behind']);
});

test('who is up hears that it rings, until somebody answers or nobody does; the reason says where it goes on', () => {
  const tree = [
    { type: 'answer' },
    connects({ failures: { USER_BUSY: 'busy', '404': 'lost' } }),
    talk('behind'),
    { ...talk('busy'), id: 'busy' },
    { ...talk('lost'), id: 'lost' },
  ];
  const outcome = (status: number): Drive => {
    const drive = run(...tree);
    assert.equal(drive.effects.find((each) => each.do === 'play')?.loops, 0);
    drive.wanted();
    return drive.feed({ type: 'connection', connect: 2, what: { code: 'dial_busy', words: 'busy', status } });
  };
  for (const [status, said] of [
    [486, 'busy'],
    [404, 'lost'],
    [480, 'behind'],
  ] as const) {
    const drive = outcome(status);
    assert.deepEqual(drive.said(), [said]);
    assert.ok(drive.effects.some((each) => each.do === 'hush' && each.play === 1));
  }
  assert.deepEqual(
    run(connects({ ends_when_answered: true }), talk('never'))
      .feed({ type: 'connection', connect: 2, what: 'parted' })
      .wanted()
      .at(-1),
    END,
  );
  assert.deepEqual(run(connects({ destinations: [] }), talk('behind')).said(), ['behind']);
});
