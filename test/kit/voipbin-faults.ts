import type { CommandName, ConferenceId, Execute, Input } from '../../src/conference/index.ts';
import { termsOf, usualTerms, withTerms } from '../../src/conference/index.ts';

/** Something that is wrong on purpose: what is asked of the domain, or what is answered, is another thing. */
export interface VoipbinFault {
  readonly name: string;
  readonly execute?: (real: Execute) => Execute;
  // biome-ignore lint/suspicious/noExplicitAny: an answer as it came.
  readonly answer?: (path: string, body: any) => any;
}

/** A command that is understood as another one; undefined: it is not done, and the conference is shown as it is. */
const command = <Name extends CommandName>(
  name: string,
  which: Name,
  change: (input: Input<Name>) => Input<Name> | undefined,
): VoipbinFault => ({
  name,
  execute:
    (real): Execute =>
    (asked, input, actor) => {
      if ((asked as CommandName) !== which) return real(asked, input, actor);
      const next = change(input as unknown as Input<Name>);
      if (next !== undefined) return real(asked, next as never, actor);
      const { conference } = input as unknown as { readonly conference: ConferenceId };
      return real('conference.read', { conference, deleted: true }, actor) as never;
    },
});

/** The first of a kind of answer is right, the second is not. */
// biome-ignore lint/suspicious/noExplicitAny: an answer as it came.
function sometimes(name: string, part: string, change: (body: any) => any, every = 7): VoipbinFault {
  let count = 0;
  return { name, answer: (path, body) => (path.startsWith(part) && ++count % every === 0 ? change(body) : body) };
}

let ended = 0;

/** Mistakes that somebody could make; the walk must find each of them. */
export const voipbinFaults: readonly VoipbinFault[] = [
  command('a kick is answered and not done', 'participants.kick', () => undefined),
  command('a kick hits somebody else', 'participants.kick', (input) => ({ ...input, which: 'all' })),
  command('a deleted conference goes on', 'conference.delete', () => undefined),
  command('that a telephone has hung up is lost now and then', 'call.ended', (input) => (++ended % 9 === 0 ? undefined : input)),
  command('a recording does not stop', 'recording.stop', () => undefined),
  command('a transcription does not stop', 'transcription.stop', () => undefined),
  command('a recording begins before anybody is there, and is lost', 'recording.start', ({ awaits: _, ...input }) => input),
  command('connect is a conference', 'conference.create', ({ document, ...input }) => ({
    ...input,
    document: withTerms(document, { ...usualTerms, ...termsOf(document), type: 'conference' }),
  })),
  command('timeouts are forgotten', 'conference.create', ({ document, ...input }) => ({
    ...input,
    document: withTerms(document, { ...usualTerms, ...termsOf(document), timeout: 0 }),
  })),
  command('a changed timeout counts from now', 'conference.replace', ({ document, ...input }) => ({
    ...input,
    document: withTerms(document, { ...usualTerms, ...termsOf(document), timeout: termsOf(document).timeout * 2 }),
  })),
  command('what is done before the mix is forgotten', 'conference.create', ({ document, ...input }) => ({
    ...input,
    document: withTerms(document, { ...usualTerms, ...termsOf(document), preActions: [] }),
  })),
  sometimes('a conference is starting again', '/conferences/', (body) => ({ ...body, status: 'starting' })),
  sometimes('who has leaved is joined again', '/conferencecalls/', (body) => ({
    ...body,
    status: body.status === 'leaved' ? 'joined' : body.status,
  })),
  sometimes('a history forgets', '/conferences/', (body) => ({ ...body, recording_ids: [], transcribe_ids: [] })),
  sometimes('a time of creation moves', '/conferencecalls/', (body) => ({ ...body, tm_create: '2000-01-01 00:00:00.000000' })),
  sometimes('somebody who has gone is still among the ids', '/conferences/', (body) => ({
    ...body,
    conferencecall_ids: [...(body.conferencecall_ids ?? []), '11111111-2222-4333-8444-555555555555'],
  })),
];
