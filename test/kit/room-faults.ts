import type { CommandName, HearingPlan, Input } from '../../src/conference/index.ts';
import type { RoomModel } from './room-model.ts';
import type { Fault } from './room-walk.ts';

type Change<Name extends CommandName> = (input: Input<Name>, model: RoomModel) => Input<Name> | undefined;

/** A command that is understood as another thing. */
const command = <Name extends CommandName>(name: string, which: Name, change: Change<Name>): Fault => ({
  name,
  command: (asked, input, model) =>
    (asked as CommandName) === which ? (change(input as unknown as Input<Name>, model) as unknown as typeof input | undefined) : input,
});

/** What the engine is told is another thing. */
const plan = (name: string, change: (plan: HearingPlan, model: RoomModel) => HearingPlan): Fault => ({ name, plan: change });

type Source = HearingPlan['sources'][number];

const withoutAside = ({ source, gain }: Source): Source => ({ source, gain });

/** For one listener, these sources as if nothing were said of them. */
const unsaid = (told: HearingPlan, of: (leg: string) => boolean): HearingPlan => ({
  ...told,
  listeners: told.listeners.map((each) => (of(each.leg) ? { ...each, gains: [] } : each)),
});

/** Mistakes that somebody could make; the walk must find each of them. */
export const faults: readonly Fault[] = [
  command('a bulk mute hits moderators', 'participants.mute', (input) =>
    input.which === 'all-but-moderators' ? { ...input, which: 'all' } : input,
  ),
  command('clear clears the wrong side', 'participants.relate', (input) =>
    input.relationship === 'clear' ? { ...input, participant: input.other, other: input.participant } : input,
  ),
  command('mute and deaf between two are mixed up', 'participants.relate', (input) =>
    input.relationship === 'clear' ? input : { ...input, relationship: input.relationship === 'mute' ? 'deaf' : 'mute' },
  ),
  command('his own keys lift what a moderator did, whatever the room says', 'participants.mute', (input) =>
    input.muted ? input : { ...input, by: 'moderator' },
  ),
  command('who comes into a muted room comes as a moderator', 'call.enter', (input, { run }) =>
    run?.muted === true ? { ...input, role: 'moderator' } : input,
  ),
  command('the lock keeps out who is dialled', 'call.dial', (input, { locked }) => (locked ? undefined : input)),
  command('ghosts are counted', 'call.dial', ({ flags: { ghost: _, ...flags } = {}, ...input }) => ({ ...input, flags })),
  command('the one who came last is admitted first', 'waiting.admit', (input, { waiters }) =>
    input.which === 'next' ? { ...input, which: (waiters.at(-1)?.call.id ?? 'next') as 'next' } : input,
  ),
  command('a hold is forgotten', 'call.held', (input) => (input.held ? undefined : input)),
  command('nobody waits for a moderator', 'conference.replace', ({ document, ...input }) => ({
    ...input,
    document: { ...document, wait_for_moderator: false },
  })),
  command('nobody is sent away without a moderator', 'conference.replace', ({ document, ...input }) => ({
    ...input,
    document: { ...document, require_moderator: false },
  })),
  command('a promotion is not heard of', 'participants.promote', (input) => (input.role === 'moderator' ? undefined : input)),
  command('a limit that is set for this run is not heard of', 'conference.set', () => undefined),
  plan('music is mixed into the room', (told, { sounding }) => ({
    ...told,
    sources: told.sources.map((each) => (sounding.length === 0 ? withoutAside(each) : each)),
  })),
  plan('what is played to one is heard by all', (told) => ({ ...told, sources: told.sources.map(withoutAside) })),
  plan('the deaf hear', (told, model) => unsaid(told, (leg) => model.person(leg)?.deaf === true)),
  plan('who waits for a moderator hears the others', (told, model) =>
    unsaid(told, (leg) => {
      const one = model.person(leg);
      return one !== undefined && model.waitsForModerator(one);
    }),
  ),
];
