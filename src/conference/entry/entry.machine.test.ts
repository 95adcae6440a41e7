import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EntryCaller, openPlan } from '../../../test/kit/entry-caller.ts';
import { entryMachine } from './entry.machine.ts';
import type { EntryPlan, PinQuestion, Reception } from './entry-plan.ts';
import type { Input } from './entry-values.ts';

const reception: Reception = { language: 'en-us', numberTimeout: 5_000 };
const welcoming: Reception = { ...reception, welcome: 'prompt://system_media/conf-welcome/en-us' };
const pin: PinQuestion = { timeout: 4_000 };

const begin = (plan?: EntryPlan, how: Reception = reception): EntryCaller =>
  new EntryCaller().give({ type: 'begun', reception: how, ...(plan === undefined ? {} : { plan }) });

test('who is asked nothing hears the welcome and is in', () => {
  const caller = begin(openPlan(), welcoming);
  assert.deepEqual(caller.heard, ['conf-welcome']);
  assert.equal(caller.last('enter'), undefined);
  caller.give({ type: 'said' });
  assert.equal(caller.last('enter')?.role, 'member');
  assert.deepEqual(caller.give({ type: 'joined' }).last('finish')?.outcome, 'joined');
});

test('the next prompt stands right behind the welcome', () => {
  assert.deepEqual(begin(undefined, welcoming).heard, ['conf-welcome', 'conf-enter_conf_number']);
  assert.deepEqual(begin(openPlan({ pin }), welcoming).heard, ['conf-welcome', 'conf-enter_conf_pin']);
});

test('number and PIN over the prompts, ended by #, and in', () => {
  const caller = begin(undefined, welcoming).press('1');
  assert.equal(caller.last('hush')?.at, 0);
  caller.press('23#');
  assert.equal(caller.last('find')?.number, '123');
  caller.give({ type: 'found', delay: 0, plan: openPlan({ pin }) }).pass(2_000);
  assert.deepEqual(caller.heard, ['conf-enter_conf_pin']);
  caller.press('4711#').judged('moderator').pass(2_000);
  assert.equal(caller.last('judge')?.pin, '4711');
  assert.equal(caller.last('enter')?.role, 'moderator');
});

test('what is typed while an answer is awaited is the beginning of the next one', () => {
  const caller = begin()
    .press('123#4711#')
    .give({ type: 'found', delay: 0, plan: openPlan({ pin }) })
    .pass(600);
  assert.equal(caller.last('judge')?.pin, '4711');
  assert.equal(caller.done.filter((each) => each.do === 'say').length, 1, 'nothing is asked that is answered already');
});

test('silence ends an entry: after the prompt, and after each digit', () => {
  const caller = begin(openPlan({ pin }));
  caller.pass(10_000);
  assert.equal(caller.last('judge'), undefined, 'the prompt is still being said');
  caller.give({ type: 'said' }).pass(3_999).press('4').pass(3_999).press('7').pass(3_999);
  assert.equal(caller.last('judge'), undefined);
  caller.pass(1);
  assert.equal(caller.last('judge')?.pin, '47');
});

test('a prompt whose end nobody tells does not keep a caller for ever', () => {
  const caller = begin(openPlan({ pin })).pass(300_000);
  assert.equal(caller.last('judge')?.pin, '');
});

test("# is not needed where all PINs have one length, and one that comes anyhow is nobody else's", () => {
  const caller = begin(openPlan({ pin: { ...pin, length: 4 }, name: { review: false } })).press('4711');
  assert.equal(caller.last('judge')?.pin, '4711');
  caller.judged('member').pass(800).press('#').pass(500);
  assert.deepEqual(caller.heard, ['conf-announce_your_name']);
  caller.press('#');
  assert.deepEqual(caller.heard, ['conf-announce_your_name'], 'a late one does not skip the prompt either');
});

test('right and wrong, of numbers and PINs, are answered at the same moment, however long it took to find out', () => {
  const answeredAt = (ask: (caller: EntryCaller) => void, delay: number, took: number): number => {
    const caller = new EntryCaller();
    ask(caller);
    caller.pass(took);
    const before = caller.done.length;
    if (caller.state.at === 'finding') caller.give({ type: 'found', delay, ...(took % 2 === 0 ? {} : { plan: openPlan({ pin }) }) });
    else if (took === 7) caller.give({ type: 'judged', delay, lockedOut: true });
    else caller.judged(took % 2 === 0 ? undefined : 'member', delay);
    assert.equal(caller.done.length, before, 'nothing is known at once');
    caller.pass(60_000);
    return caller.done[before]!.at;
  };
  const number = (caller: EntryCaller): void => void caller.give({ type: 'begun', reception }).press('123#');
  const aPin = (caller: EntryCaller): void => void caller.give({ type: 'begun', reception, plan: openPlan({ pin }) }).press('123#');
  for (const delay of [0, 250, 5_000]) {
    const moments = [1, 2, 3, 6, 7].flatMap((took) => [answeredAt(number, delay, took), answeredAt(aPin, delay, took)]);
    assert.deepEqual(new Set(moments), new Set([500 + delay]));
  }
});

for (const [what, plan, sorry, question] of [
  ['number', undefined, 'conf-bad_conf', 'conf-enter_conf_number'],
  ['PIN', openPlan({ pin }), 'conf-bad_pin', 'conf-enter_conf_pin'],
] as const) {
  test(`the third wrong ${what} is the last`, () => {
    const caller = begin(plan);
    const wrong = (): EntryCaller => {
      caller.press('99#');
      return (what === 'PIN' ? caller.judged() : caller.give({ type: 'found', delay: 0 })).pass(500);
    };
    assert.deepEqual(wrong().heard, [sorry, question]);
    assert.deepEqual(wrong().heard, [sorry, question]);
    assert.deepEqual(wrong().heard, [sorry, 'conf-too_many_attempts']);
    assert.equal(caller.last('say')?.interruptible, false);
    caller.press('1234#').give({ type: 'said' });
    assert.equal(caller.last('hang-up')?.reason, 'too_many_attempts');
  });
}

test('every question has three tries of its own', () => {
  const caller = begin();
  for (let tries = 0; tries < 2; tries += 1) caller.press('9#').give({ type: 'found', delay: 0 }).pass(500);
  caller
    .press('1#')
    .give({ type: 'found', delay: 0, plan: openPlan({ pin }) })
    .pass(500);
  for (let tries = 0; tries < 2; tries += 1) caller.press('9#').judged().pass(500);
  caller.press('1#').judged('member').pass(500);
  assert.equal(caller.last('enter')?.role, 'member');
});

test('* starts an entry over, and before its first digit asks for the number again', () => {
  const caller = begin().press('12*').press('34#');
  assert.equal(caller.last('find')?.number, '34');
  caller
    .give({ type: 'found', delay: 0, plan: openPlan({ pin }) })
    .pass(500)
    .press('*');
  assert.deepEqual(caller.heard, ['conf-enter_conf_number']);
  caller.press('56#');
  assert.equal(caller.last('find')?.number, '56');
});

test('who was sent to one conference stays with it at *', () => {
  const caller = begin(openPlan({ pin })).press('*');
  assert.deepEqual(caller.heard, ['conf-enter_conf_pin']);
});

test('nobody starts over for ever', () => {
  const caller = begin(openPlan({ pin }));
  caller.press('*'.repeat(40));
  assert.equal(caller.state.at, 'leaving');
});

test('who is locked out hears so, and no more', () => {
  const caller = begin(openPlan({ pin })).press('1#').give({ type: 'judged', delay: 0, lockedOut: true }).pass(500);
  assert.deepEqual(caller.heard, ['conf-pin_locked_out']);
  assert.equal(caller.give({ type: 'said' }).last('hang-up')?.reason, 'locked_out');
});

test('who nobody answers is not kept', () => {
  assert.equal(begin().press('1#').pass(30_000).last('hang-up')?.reason, 'unavailable');
});

test('who is kept out hears why, then the call ends', () => {
  const plan = openPlan({ full: 'prompt://system_media/conf-max_participants/en-us', locked: 'https://x/locked.wav' });
  const full = begin(plan).give({ type: 'refused', code: 'conference_full' });
  assert.deepEqual(full.heard, ['conf-max_participants']);
  assert.equal(full.give({ type: 'said' }).last('hang-up')?.reason, 'conference_full');
  assert.deepEqual(begin(plan).give({ type: 'refused', code: 'conference_locked' }).heard, ['https://x/locked.wav']);
  assert.equal(begin(plan).give({ type: 'refused', code: 'nobody_there' }).last('hang-up')?.reason, 'nobody_there');
});

test('a name is asked for, recorded after the tone, and taken along', () => {
  const caller = begin(openPlan({ name: { review: false } }));
  assert.deepEqual(caller.heard, ['conf-announce_your_name']);
  caller.give({ type: 'said' });
  assert.match(caller.heard[0]!, /^tone_stream:/);
  caller.give({ type: 'said' });
  assert.equal(caller.last('record-name')?.longest, 60_000);
  caller.press('5');
  assert.ok(caller.last('stop-recording'));
  caller.give({ type: 'recorded', name: 'aa' });
  assert.equal(caller.last('enter')?.name, 'aa');
});

test('a recorded name may be heard and said again', () => {
  const caller = begin(openPlan({ name: { review: true } }))
    .give({ type: 'said' })
    .give({ type: 'said' });
  caller.give({ type: 'recorded', name: 'aa' });
  assert.deepEqual(caller.heard, ['conf-your_announcement', 'aa', 'conf-review']);
  caller.press('2');
  assert.equal(caller.last('forget-name')?.name, 'aa');
  assert.deepEqual(caller.heard, ['conf-announce_your_name']);
  caller.give({ type: 'said' }).give({ type: 'said' }).give({ type: 'recorded', name: 'bb' }).press('1');
  assert.equal(caller.last('enter')?.name, 'bb');
});

test('who only listens to his name is in with it', () => {
  const caller = begin(openPlan({ name: { review: true } }))
    .give({ type: 'said' })
    .give({ type: 'said' });
  caller.give({ type: 'recorded', name: 'aa' }).give({ type: 'said' }).pass(5_000);
  assert.equal(caller.last('enter')?.name, 'aa');
});

test('a recording that nobody tells of does not keep him out', () => {
  const caller = begin(openPlan({ name: { review: false } }))
    .give({ type: 'said' })
    .give({ type: 'said' })
    .pass(120_000);
  assert.ok(caller.last('stop-recording'));
  assert.equal(caller.last('enter')?.name, undefined);
});

test("a user's own name is asked of nobody", () => {
  assert.equal(begin(openPlan({ name: { source: 'mm' } })).last('enter')?.name, 'mm');
});

test('members hear that they join, in the language of their invitation', () => {
  const plan = openPlan({ pin, memberPrompt: 'prompt://system_media/conf-joining_conference/en-us', name: { review: false } });
  const member = begin(plan)
    .press('1#')
    .judged({ role: 'member', guest: { invitation: 'i', name: 'Ada', language: 'de-de' } })
    .pass(500);
  assert.deepEqual(member.heard, ['conf-joining_conference']);
  member.give({ type: 'said' });
  assert.deepEqual(member.last('say')?.sources, ['prompt://system_media/conf-announce_your_name/de-de']);
  const moderator = begin(plan).press('1#').judged('moderator').pass(500);
  assert.deepEqual(moderator.heard, ['conf-announce_your_name']);
});

test('nothing that anybody presses or that happens in any order throws, and every caller gets an end', () => {
  const name = fc.constantFrom<EntryPlan['name']>(undefined, { review: true }, { review: false }, { source: 'x' });
  const plans = fc.record({ length: fc.constantFrom(undefined, 1, 4), asks: fc.boolean(), name }).map(({ length, asks, name: wish }) =>
    openPlan({
      ...(asks ? { pin: { timeout: 1_000, ...(length === undefined ? {} : { length }) } } : {}),
      ...(wish === undefined ? {} : { name: wish }),
    }),
  );
  const inputs = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...'0123456789*#Aa €'.split('')).map((digit): Input => ({ type: 'digit', digit })) },
    fc.constant<Input>({ type: 'said' }),
    plans.map((plan): Input => ({ type: 'found', delay: 0, plan })),
    fc.constant<Input>({ type: 'found', delay: 0 }),
    fc.constant<Input>({ type: 'judged', delay: 0 }),
    fc.constant<Input>({ type: 'judged', delay: 0, as: { role: 'member' } }),
    fc.constant<Input>({ type: 'recorded', name: 'n' }),
    fc.constantFrom<Input>({ type: 'joined' }, { type: 'waiting' }, { type: 'refused', code: 'conference_full' }),
  );
  const walk = fc.tuple(fc.option(plans, { nil: undefined }), fc.array(fc.tuple(inputs, fc.nat(3_000)), { maxLength: 60 }));
  fc.assert(
    fc.property(walk, ([plan, steps]) => {
      const caller = begin(plan, welcoming);
      for (const [input, ms] of steps) caller.give(input).pass(ms);
      // Left alone, he is in, on his way in, or sent away.
      caller.pass(20 * 300_000);
      assert.ok(['done', 'entering'].includes(caller.state.at), caller.state.at);
      const ends = caller.done.filter((each) => each.do === 'hang-up' || each.do === 'finish');
      assert.ok(ends.length <= 1);
    }),
    { numRuns: 500 },
  );
});

test('an input that does not fit changes nothing', () => {
  const { state } = begin(openPlan({ pin }));
  for (const input of [{ type: 'joined' }, { type: 'found', delay: 0 }, { type: 'judged', delay: 0 }, { type: 'recorded' }] as const) {
    assert.deepEqual(entryMachine.step(state, input, 0), { state, effects: [] });
  }
});
