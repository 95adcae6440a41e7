import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordsOf } from './endings.ts';
import { english } from './texts/en-us.ts';

test('every cause that the server names has words of its own', () => {
  const causes =
    'left kicked denied wrong-pin locked-out conference-over no-moderator media-lost taken-over server-stopping too-late conference_full conference_locked invitation_over invitation_used invitation_unknown offline'.split(
      ' ',
    );
  const texts = causes.map((cause) => wordsOf({ cause }).text);
  assert.ok(!texts.includes('endFailed'), String(texts));
  assert.equal(new Set(texts).size, causes.length);
  for (const each of texts) assert.ok(each in english);
});

test('an invitation that is worth nothing is not tried again; what may pass is', () => {
  assert.equal(wordsOf({ cause: 'whatever', status: 404 }).text, 'endInvitation');
  assert.equal(wordsOf({ cause: 'whatever', status: 410 }).canTryAgain, false);
  assert.deepEqual(
    [wordsOf({ cause: 'rate_limited', status: 429 }).text, wordsOf({ cause: 'x', status: 429 }).canTryAgain],
    ['endBusy', true],
  );
  assert.deepEqual(wordsOf({ cause: 'something new', status: 500 }), {
    text: 'endFailed',
    more: undefined,
    canTryAgain: true,
    isCalm: false,
  });
});
