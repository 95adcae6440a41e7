import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/kit/fake-clock.ts';
import type { Account, AccountId, DialPolicy } from '../../accounts/index.ts';
import { Failure } from '../../base/index.ts';
import type { CallId, Cdr, CdrQuery } from '../../conference/index.ts';
import { DialingRules } from './policy.ts';

const accountOf = (id: string, dial: DialPolicy = {}): Account => ({
  id: id as AccountId,
  name: id,
  realm: `${id}.test`,
  parent: undefined,
  apiKey: '',
  createdAt: 0,
  limits: { dial },
});

/** The rule that refuses; undefined: none does. */
const ruleOf = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Failure);
    return (error.details as { rule: string }).rule;
  }
};

test('what an account says counts more than the server, rule by rule; what it leaves out is the server’s', async () => {
  const rules = new DialingRules({ clock: new FakeClock(), rules: { prefixes: ['+1'], domains: ['*.example.org'], concurrent: 1 } });
  const [one, other] = [accountOf('one', { prefixes: ['+49', '+331'] }), accountOf('other', { enabled: false })];
  assert.equal(await ruleOf(() => rules.checkNumber(one, '+4930123')), undefined);
  assert.equal(await ruleOf(() => rules.checkNumber(one, '+14155550100')), 'prefixes');
  assert.equal(await ruleOf(() => rules.checkNumber(one, '+33612345')), 'prefixes');
  assert.equal(await ruleOf(() => rules.checkNumber(other, '+14155550100')), undefined);
  assert.equal(await ruleOf(() => rules.checkDomain(one, 'SIP.Example.org')), undefined);
  assert.equal(await ruleOf(() => rules.checkDomain(one, 'example.org.evil.test')), 'domains');
  assert.equal(await ruleOf(() => rules.checkDomain(one, 'notexample.org')), 'domains');
  assert.equal(await ruleOf(() => rules.begin(other, () => 0)), 'enabled');
  assert.equal(await ruleOf(() => rules.begin(one, () => 1)), 'concurrent');
});

test('calls of any 60 minutes are counted, per account, and only while they are of the last hour', async () => {
  const clock = new FakeClock();
  const rules = new DialingRules({ clock, rules: { perHour: 2 } });
  const [one, other] = [accountOf('one'), accountOf('other')];
  const dial = (account: Account) => ruleOf(() => rules.begin(account, () => 0));
  assert.equal(await dial(one), undefined);
  clock.advance(1_800_000);
  assert.equal(await dial(one), undefined);
  assert.equal(await dial(one), 'per_hour');
  assert.equal(await dial(other), undefined);
  clock.advance(1_800_001);
  assert.equal(await dial(one), undefined, 'the first is an hour ago');
  assert.equal(await dial(one), 'per_hour');
});

test('a restart gives nobody a new hour: calls that were made before it count until they are an hour old', async () => {
  const clock = new FakeClock();
  const cdr = (n: number, ago: number, direction: Cdr['direction'] = 'outbound') =>
    ({ id: String(n).padStart(32, '0') as CallId, direction, startedAt: clock.epoch() - ago }) as Cdr;
  // More than one page, the newest first, as a history gives them.
  const kept = [cdr(1, 60_000), ...Array.from({ length: 1500 }, (_, n) => cdr(n + 10, 70_000 + n, 'inbound')), cdr(2, 3_000_000)];
  let failing = true;
  const asked: CdrQuery[] = [];
  const history = {
    list: async (query: CdrQuery): Promise<readonly Cdr[]> => {
      asked.push(query);
      if (failing) throw new Failure('unavailable', 'store_unavailable', 'not now');
      const start = query.before === undefined ? 0 : kept.findIndex((each) => each.id === query.before?.id) + 1;
      return kept.slice(start, start + query.limit);
    },
  };
  const rules = new DialingRules({ clock, rules: { perHour: 3 }, history });
  const one = accountOf('one');
  await assert.rejects(
    rules.begin(one, () => 0),
    Failure,
  );
  failing = false;
  const dial = () => ruleOf(() => rules.begin(one, () => 0));
  assert.deepEqual(await Promise.all([dial(), dial()]), [undefined, 'per_hour']);
  assert.ok(asked.every((each) => each.from === clock.epoch() - 3_600_000 && each.account === 'one'));
  clock.advance(600_001);
  assert.deepEqual([await dial(), await dial()], [undefined, 'per_hour'], 'the oldest is an hour old now');
});
