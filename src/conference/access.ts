import type { UserId } from '../accounts/index.ts';
import { Failure, isObject, type Json, undashed } from '../base/index.ts';
import type { Actor, CommandName, ConferenceView, Execute, Input, Output } from './commands.ts';
import type { Conference, ConferenceId } from './conference.ts';

/** What a user who is no admin may do with a conference; each means the ones before it too: nothing, see and steer it, change and delete it. */
export type Access = 'nothing' | 'moderate' | 'own';

const ORDER: readonly Access[] = ['nothing', 'moderate', 'own'];

const isId = (value: Json | undefined, user: UserId): boolean => typeof value === 'string' && undashed(value.toLowerCase()) === user;

/** The rule, for all APIs: his are those of which he is the `owner_id`; he moderates where `moderator.users` names him, or a telephone of his takes part as a moderator. */
export function accessOf({ document, room }: Pick<Conference, 'document' | 'room'>, user: UserId): Access {
  const { owner_id: owner, moderator } = document;
  if (isId(owner, user)) return 'own';
  const named = moderator !== undefined && isObject(moderator) ? moderator['users'] : undefined;
  if (Array.isArray(named) && named.some((each) => isId(each, user))) return 'moderate';
  const leads = room?.participants.some(({ role, call }) => role === 'moderator' && isId(call.channelVars['owner_id'], user));
  return leads === true ? 'moderate' : 'nothing';
}

/** What each command takes; `inside`: it comes from where calls and files are, and never from a user; `free`: decided by what it finds. */
export const NEEDS: Readonly<Record<CommandName, 'moderate' | 'own' | 'free' | 'inside'>> = {
  'conference.create': 'free',
  'conference.list': 'free',
  'conference.running': 'free',
  'conference.replace': 'own',
  'conference.delete': 'own',
  'pins.rotate': 'own',
  'conference.read': 'moderate',
  'conference.facts': 'moderate',
  'conference.state': 'moderate',
  'conference.lock': 'moderate',
  'conference.mute': 'moderate',
  'conference.moh': 'moderate',
  'conference.set': 'moderate',
  'conference.extend': 'moderate',
  'participants.mute': 'moderate',
  'participants.promote': 'moderate',
  'participants.deafen': 'moderate',
  'participants.adjust': 'moderate',
  'participants.hand': 'moderate',
  'participants.floor': 'moderate',
  'participants.consent': 'moderate',
  'participants.tell': 'moderate',
  'participants.kick': 'moderate',
  'participants.relate': 'moderate',
  'participants.coach': 'moderate',
  'waiting.admit': 'moderate',
  'waiting.deny': 'moderate',
  'call.dial': 'moderate',
  'call.digit': 'moderate',
  'call.held': 'moderate',
  'call.divert': 'moderate',
  'keypad.act': 'moderate',
  'recording.start': 'moderate',
  'recording.pause': 'moderate',
  'recording.resume': 'moderate',
  'recording.stop': 'moderate',
  'play.start': 'moderate',
  'play.stop': 'moderate',
  'transcription.start': 'moderate',
  'transcription.stop': 'moderate',
  'stream.open': 'moderate',
  'stream.closed': 'moderate',
  'conference.time': 'inside',
  'conference.configured': 'inside',
  'call.route': 'inside',
  'call.enter': 'inside',
  'call.arrived': 'inside',
  'call.answered': 'inside',
  'call.refused': 'inside',
  'call.ringing': 'inside',
  'call.silent': 'inside',
  'call.ended': 'inside',
  'entry.tell': 'inside',
  'recording.gapped': 'inside',
  'recording.ended': 'inside',
  'play.ended': 'inside',
  'transcription.ended': 'inside',
  'transcript.add': 'inside',
};

/** It is there, but not for him. */
export const notYours = (): Failure =>
  new Failure('denied', 'conference_not_yours', 'only who owns this conference or moderates it, or an admin, may see and steer it');

const notOwner = (): Failure => new Failure('denied', 'not_owner', 'only who owns this conference, or an admin, may change and delete it');

/** Refuses a user what the conference does not let him do. */
export function mustHave(conference: Pick<Conference, 'document' | 'room'>, user: UserId, needed: 'moderate' | 'own'): void {
  const access = accessOf(conference, user);
  if (access === 'nothing') throw notYours();
  if (ORDER.indexOf(access) < ORDER.indexOf(needed)) throw notOwner();
}

/** So many are looked at in one go. */
const PART = 500;

/** The door of the domain as APIs use it: an actor with a `user` gets no further than `accessOf` lets him. */
export function guarded(execute: Execute): Execute {
  const whole = ({ account, kind }: Actor): Actor => ({ account, kind });
  const guard = async <Name extends CommandName>(name: Name, input: Input<Name>, actor: Actor, user: UserId): Promise<Output<Name>> => {
    const all = whole(actor);
    const run = (changed: unknown = input): Promise<Output<Name>> => execute(name, changed as Input<Name>, all);
    switch (name) {
      case 'conference.create':
        return run(await created(input as Input<'conference.create'>, { execute, all, user }));
      case 'conference.list':
        return (await listed(input as Input<'conference.list'>, { execute, all, user })) as Output<Name>;
      case 'conference.running':
        return (await execute('conference.running', {}, all)).filter((each) =>
          sees(each, user),
        ) as readonly ConferenceView[] as Output<Name>;
      default:
        break;
    }
    const need = NEEDS[name];
    if (need === 'inside' || need === 'free') throw notYours();
    const { conference } = input as { readonly conference: ConferenceId };
    mustHave((await execute('conference.read', { conference, deleted: true }, all)).conference, user, need);
    return run(
      name === 'conference.replace' ? { ...input, document: ownedBy((input as Input<'conference.replace'>).document, user) } : input,
    );
  };
  return (name, input, actor) => (actor.user === undefined ? execute(name, input, actor) : guard(name, input, actor, actor.user));
}

const sees = ({ conference }: ConferenceView, user: UserId): boolean => accessOf(conference, user) !== 'nothing';

/** What he makes and changes stays his. */
function ownedBy(document: Input<'conference.create'>['document'], user: UserId) {
  const { owner_id: owner } = document;
  if (owner !== undefined && owner !== '' && !isId(owner, user)) {
    throw new Failure('denied', 'owner_stays', 'only an admin may give a conference to somebody else');
  }
  return { ...document, owner_id: user };
}

interface Guarding {
  readonly execute: Execute;
  readonly all: Actor;
  readonly user: UserId;
}

/** A past of somebody else’s is not taken over by making a conference of the same id. */
async function created(
  { id, document }: Input<'conference.create'>,
  { execute, all, user }: Guarding,
): Promise<Input<'conference.create'>> {
  const mine = ownedBy(document, user);
  if (id === undefined) return { document: mine };
  const before = await execute('conference.read', { conference: id, deleted: true }, all).catch(unlessGone);
  if (before !== undefined) mustHave(before.conference, user, 'own');
  else if (await hasPast(execute, id, all)) throw notYours();
  return { id, document: mine };
}

const hasPast = async (execute: Execute, conference: ConferenceId, all: Actor): Promise<boolean> =>
  (await execute('conference.facts', { conference, limit: 1 }, all).catch(unlessGone)) !== undefined;

function unlessGone(error: unknown): undefined {
  if (error instanceof Failure && error.kind === 'not-found') return undefined;
  throw error;
}

/** As many of his as were asked for, as long as there are any. */
async function listed(cut: Input<'conference.list'>, { execute, all, user }: Guarding): Promise<readonly ConferenceView[]> {
  const { limit = Number.POSITIVE_INFINITY, ...rest } = cut;
  const found: ConferenceView[] = [];
  for (let from = cut.from, last: ConferenceId | undefined; ; from = last) {
    const part = await execute('conference.list', { ...rest, limit: PART, ...(from === undefined ? {} : { from }) }, all);
    const fresh = part.filter((each) => each.conference.id !== last);
    found.push(...fresh.filter((each) => sees(each, user)));
    last = part.at(-1)?.conference.id;
    if (last === undefined || part.length < PART || found.length >= limit)
      return found.slice(0, limit === Number.POSITIVE_INFINITY ? undefined : limit);
  }
}
