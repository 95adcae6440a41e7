import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { Runner } from '../base/index.ts';
import type { LegId } from './conference.ts';
import { floor, free, holderOf, type Input, type State } from './floor.machine.ts';

/** A room whose people say how loud they are five times a second. */
class Talk {
  readonly clock = new FakeClock();
  readonly #runner = new Runner<State, Input, never>(floor, free, this.clock, () => {});

  get holder(): string | undefined {
    return holderOf(this.#runner.state);
  }

  says(leg: string, energy: number, talking = energy > 0): void {
    this.#runner.feed({ type: 'level', leg: leg as LegId, talking, energy });
  }

  gone(leg: string): void {
    this.#runner.feed({ type: 'gone', leg: leg as LegId });
  }

  /** All of these talk for so long; gives who had the floor at any time. */
  talk(ms: number, energies: Readonly<Record<string, (n: number) => number>>): readonly (string | undefined)[] {
    const seen = new Set<string | undefined>();
    for (let n = 0; n < ms / 200; n++) {
      for (const [leg, energy] of Object.entries(energies)) {
        this.says(leg, energy(n), true);
        seen.add(this.holder);
      }
      this.clock.advance(200);
      seen.add(this.holder);
    }
    return [...seen];
  }
}

const always = (energy: number) => (): number => energy;

test('whoever talks first has the floor, and keeps it through his pauses until somebody else talks', () => {
  const talk = new Talk();
  assert.equal(talk.holder, undefined);
  talk.says('ann', 0);
  assert.equal(talk.holder, undefined, 'silence takes no floor');
  talk.says('ann', 500);
  assert.equal(talk.holder, 'ann');
  talk.says('ann', 5, false);
  talk.clock.advance(60_000);
  assert.equal(talk.holder, 'ann');
  talk.says('ben', 100);
  assert.equal(talk.holder, 'ben', 'a quiet one gets it from a silent one at once');
  assert.equal(talk.clock.armed, 0);
});

test('two who talk equally loud do not take the floor from each other with every syllable', () => {
  const talk = new Talk();
  talk.says('ann', 1000);
  const syllables = (loud: number) => (n: number) => (n % 2 === loud ? 1700 : 500);
  assert.deepEqual(talk.talk(20_000, { ann: syllables(0), ben: syllables(1) }), ['ann']);
});

test('who is clearly louder gets the floor after a second, not sooner, and not after a shout', () => {
  const talk = new Talk();
  talk.says('ann', 500);
  assert.deepEqual(talk.talk(400, { ann: always(500), ben: always(2000) }), ['ann']);
  assert.deepEqual(talk.talk(2000, { ann: always(500), ben: always(600) }), ['ann'], 'that was a shout');
  assert.deepEqual(talk.talk(800, { ann: always(500), ben: always(4000) }), ['ann'], 'not yet');
  assert.deepEqual(talk.talk(1000, { ann: always(500), ben: always(4000) }), ['ann', 'ben']);
  assert.deepEqual(talk.talk(3000, { ann: always(500), ben: always(600) }), ['ben'], 'and then it is his');
});

test('a challenger whose loudness does not change, and who therefore says no more, gets it by the clock', () => {
  const talk = new Talk();
  talk.says('ann', 500);
  talk.says('ben', 2000);
  talk.clock.advance(999);
  assert.equal(talk.holder, 'ann');
  talk.clock.advance(1);
  assert.equal(talk.holder, 'ben');
  assert.equal(talk.clock.armed, 0);
});

test('who leaves or is muted leaves the floor to the loudest who talks, else to nobody', () => {
  const talk = new Talk();
  for (const [leg, energy] of [
    ['ann', 500],
    ['ben', 300],
    ['cleo', 400],
  ] as const)
    talk.says(leg, energy);
  talk.gone('ann');
  assert.equal(talk.holder, 'cleo');
  talk.gone('cleo');
  assert.equal(talk.holder, 'ben');
  talk.says('ben', 0);
  talk.gone('ben');
  assert.equal(talk.holder, undefined);
});
