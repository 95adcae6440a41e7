import { fill } from '../../kit/languages.ts';
import { t } from '../words.ts';

/** Something that happened to the sound of a call, as the server tells it. */
export interface SoundHappening {
  readonly type: string;
  readonly text: string;
  /** What `text` is made of. */
  readonly values: Readonly<Record<string, string | number>>;
}

/** What an engine that hears nothing has found, by the finding that tells the same. */
const FINDINGS: Readonly<Record<string, string>> = {
  'nothing-came': 'no_rtp',
  'only-strangers': 'wrong_address',
  'wrong-payload-type': 'wrong_payload',
  malformed: 'malformed',
  'not-authentic': 'not_decrypted',
};

/** The text that tells it in the language shown; undefined: only the server's own does. */
function textFor({ type, text, values }: SoundHappening): string | undefined {
  const { calls, person } = t.value;
  if (type === 'codec') return `${person.codec}: ${text}`;
  if (type === 'encrypted') return values['how'] === '' ? calls.sounds['clear'] : `${person.facts.encrypted}: ${text}`;
  if (type === 'dtls-failed') return person.findings['dtls_failed'];
  if (type !== 'silent') return calls.sounds[type];
  return 'seconds' in values ? calls.sounds['gone'] : person.findings[FINDINGS[String(values['why'])] ?? ''];
}

/** What happened to the sound of a call, in words. */
export function soundWords(happening: SoundHappening): string {
  const { person, timeline } = t.value;
  const { text, values } = happening;
  const roles: Readonly<Record<string, string>> = person.roles;
  const words = textFor(happening);
  // What was kept before there were values is told as it was.
  const isWhole = words !== undefined && [...words.matchAll(/\{(\w+)\}/g)].every(([, name]) => name! in values);
  if (!isWhole) return text;
  const { role = '', reason = '' } = values;
  return fill(words, { ...values, role: roles[role] ?? role, reason: timeline.reasons[reason] ?? reason });
}
