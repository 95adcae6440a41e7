import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../conference.ts';
import type { Around, RunEffect, RunInput, Turn } from '../act.ts';
import type { HeardLine } from '../line.ts';
import { echoTest } from './echo-test.ts';
import { lineResult } from './line-result.ts';

const LINE: HeardLine = { codec: 'G722', level: -25, clipped: 0, loss: 0, encrypted: false };

/** A caller in the test, with a clock of his own. */
class Caller {
  now = 0;
  next = 1;
  state: unknown;
  turn: Turn<unknown>;
  effects: readonly RunEffect[] = [];

  constructor(option = {}) {
    this.turn = this.#take(echoTest.begin(echoTest.read(option), this.around()));
    this.answer({ what: 'reception', reception: { language: 'de-de', numberTimeout: 5000 } });
  }

  around(ahead = ''): Around {
    const call = {} as Call;
    return { now: this.now, epoch: 0, call, isUp: true, ahead, variables: {}, goesOn: false, times: 1, next: this.next };
  }

  feed(input: RunInput): this {
    const turn = echoTest.hear!(this.state, input, this.around(input.type === 'digit' ? input.digit : ''));
    this.effects = [];
    if (turn !== undefined) this.turn = this.#take(turn);
    return this;
  }

  press(digit: string): this {
    return this.feed({ type: 'digit', digit });
  }

  /** What is played now has come to its end. */
  heard(): this {
    return this.feed({ type: 'played', play: this.next - 1, reason: 'finished' });
  }

  answer(answer: Extract<RunInput, { type: 'answer' }>['answer']): this {
    return this.feed({ type: 'answer', ask: this.next - 1, answer });
  }

  wait(ms: number): this {
    this.now += ms;
    this.effects = [];
    const at = echoTest.deadline?.(this.state);
    if (at !== undefined && at <= this.now) this.turn = this.#take(echoTest.wake!(this.state, this.around()));
    return this;
  }

  get played(): readonly string[] {
    return this.effects.flatMap((each) => (each.do === 'play' ? each.sources.map((source) => String(source).split('/')[3] ?? '') : []));
  }

  /** What is done, in words. */
  get does(): readonly string[] {
    return this.effects.map((each) => (each.do === 'echo' ? `echo ${each.on ? 'on' : 'off'}` : each.do));
  }

  #take(turn: Turn<unknown>): Turn<unknown> {
    this.effects = turn.effects ?? [];
    this.next += this.effects.filter((each) => each.do === 'play' || each.do === 'ask').length;
    if (turn.turn === 'stay') this.state = turn.state;
    return turn;
  }
}

test('says what it is in the language of the account, lets him hear himself, and tells what it has heard', () => {
  const caller = new Caller();
  assert.equal(caller.played[0], 'echo-welcome');
  assert.match(String(caller.effects[0]?.do === 'play' && caller.effects[0].sources[0]), /\/de-de$/);
  caller.heard();
  assert.deepEqual(caller.does, ['echo on', 'ask']);
  assert.ok(caller.effects[1]?.do === 'ask');
  assert.deepEqual(caller.effects[1].question, { what: 'line', ms: 8000 });
  caller.answer({ what: 'line', heard: LINE });
  assert.deepEqual(caller.does, ['echo off', 'play']);
  assert.deepEqual(caller.played, ['echo-result', 'echo-level_good', 'echo-codec', 'echo-codec_g722', 'echo-no_loss', 'echo-again']);
});

test('one begins again, at any time behind the result; nothing says goodbye and lets the flow go on', () => {
  const caller = new Caller().heard().answer({ what: 'line', heard: LINE });
  caller.press('5');
  assert.deepEqual(caller.does, []);
  caller.press('1');
  assert.deepEqual(caller.does, ['hush', 'play', 'echo on', 'ask']);
  caller.answer({ what: 'line', heard: LINE }).heard().wait(9000);
  assert.deepEqual(caller.does, []);
  caller.press('1');
  assert.deepEqual(caller.does, ['play', 'echo on', 'ask']);
  caller.answer({ what: 'line', heard: LINE }).heard().wait(10_000);
  assert.deepEqual(caller.played, ['conf-goodbye']);
  caller.heard();
  assert.equal(caller.turn.turn, 'go');
});

test('a key cuts the welcome short, and is nobody else`s', () => {
  const caller = new Caller().press('7');
  assert.deepEqual(caller.does, ['hush', 'echo on', 'ask']);
  assert.equal(caller.turn.turn === 'stay' && caller.turn.taken, 1);
  assert.deepEqual(caller.press('1').does, [], 'while he is listened to');
});

test('who cannot be listened to is told so, and does not hear himself for ever', () => {
  const caller = new Caller().heard().answer({ what: 'nothing', refusal: { code: 'no_line_test', words: '' } });
  assert.deepEqual(caller.does, ['echo off', 'play']);
  assert.deepEqual(caller.played, ['conf-not_possible', 'echo-again']);
});

test('the end of something else, and a late answer, change nothing', () => {
  const caller = new Caller();
  assert.deepEqual(caller.feed({ type: 'played', play: 77, reason: 'finished' }).does, []);
  caller.heard();
  assert.deepEqual(caller.feed({ type: 'answer', ask: 77, answer: { what: 'line', heard: LINE } }).does, []);
  assert.deepEqual(caller.feed({ type: 'held', held: true }).does, []);
});

test('what he is told of his line', () => {
  const told = (line: Partial<HeardLine>): readonly string[] =>
    lineResult('en-us', { ...LINE, ...line }).map((each) => String(each).split('/')[3] ?? '');
  assert.deepEqual(told({ level: -50 })[1], 'echo-level_quiet');
  assert.deepEqual(told({ level: -8 })[1], 'echo-level_loud');
  assert.deepEqual(told({ clipped: 0.02 })[1], 'echo-level_loud');
  const { level: _, codec: __, loss: ___, ...silent } = LINE;
  assert.deepEqual(
    lineResult('en-us', silent).map((each) => String(each).split('/')[3]),
    ['echo-result', 'echo-level_silent'],
  );
  assert.deepEqual(told({ codec: 'PCMU', encrypted: true, loss: 0.4 }).slice(2), [
    'echo-codec',
    'echo-codec_pcmu',
    'echo-encrypted',
    'echo-little_loss',
  ]);
  assert.deepEqual(told({ codec: 'GSM' })[3], 'echo-codec_other');
  assert.deepEqual(told({ loss: 3.4 }).slice(4), ['echo-loss', 'num-3', 'echo-percent']);
});
