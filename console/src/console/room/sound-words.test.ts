import assert from 'node:assert/strict';
import { test } from 'node:test';

Object.defineProperty(globalThis, 'document', { configurable: true, value: { documentElement: {} } });
Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { languages: ['en-US'] } });
const { chooseLanguage, textsCame } = await import('../../kit/i18n.ts');
const { soundWords } = await import('./sound-words.ts');
const { refusalWords } = await import('../refusals.ts');

const german = async (): Promise<void> => {
  chooseLanguage('de-de');
  await textsCame();
};

test('what happened to the sound is told in the language shown, with its values', async () => {
  await german();
  const told = (type: string, values: Record<string, string | number>, text = 'as the server says'): string =>
    soundWords({ type, text, values });
  assert.equal(told('joined', { role: 'member' }), 'In der Konferenz: Mitglied');
  assert.equal(told('ended', { reason: 'kicked' }), 'Ende: entfernt');
  assert.equal(told('loss', { lost: 7, all: 500, percent: 1 }), '7 von 500 Paketen verloren oder zu spät (1 %)');
  assert.equal(told('codec', { codec: 'OPUS' }, 'OPUS, 20 ms, sendrecv'), 'Codec: OPUS, 20 ms, sendrecv');
  assert.equal(told('encrypted', { how: '' }, 'in the clear'), 'Nicht verschlüsselt');
  assert.equal(told('encrypted', { how: 'DTLS-SRTP' }, 'DTLS-SRTP'), 'Verschlüsselt: DTLS-SRTP');
  assert.equal(told('silent', { why: 'nothing-came' }), 'Vom Telefon ist noch kein Ton gekommen');
  assert.equal(told('silent', { seconds: 5 }), 'Seit 5 s ist nichts gekommen');
});

test('what is unknown, or was kept without values, is told in the words of the server', async () => {
  await german();
  for (const type of ['remote', 'ended', 'silent', 'something-new'])
    assert.equal(soundWords({ type, text: 'as it was', values: {} }), 'as it was');
});

test('a refusal is told in the language shown; what only the server can say comes along, or is all there is', async () => {
  await german();
  assert.equal(
    refusalWords({ code: 'last_admin', detail: 'an account keeps at least one admin' }),
    'Mindestens ein Admin muss sich anmelden können.',
  );
  assert.equal(refusalWords({ code: 'invalid', detail: 'name is empty' }), 'Das wird nicht angenommen: name is empty');
  assert.equal(refusalWords({ code: 'something_new', detail: 'it is new' }), 'it is new');
});
