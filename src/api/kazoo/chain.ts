import type { AccountId } from '../../accounts/index.ts';
import { Failure, type Log } from '../../base/index.ts';
import type { Actor, Call, ConferenceId, Execute, Participant, PhoneCalls, PlaySource } from '../../conference/index.ts';
import type { ApiOptions } from '../options.ts';
import type { Plan } from './answer.ts';
import { Refusal, refusals } from './refuse.ts';

/** A call that lives, and where. */
export interface Live {
  readonly call: Call;
  /** Absent in its lobby. */
  readonly conference: ConferenceId | undefined;
  /** Absent while it rings, and in its lobby. */
  readonly participant: Participant | undefined;
  readonly isAnswered: boolean;
}

/** It is up, and in no conference. */
export const isInLobby = ({ participant, isAnswered }: Live): boolean => isAnswered && participant === undefined;

/** One module of a metaflow: something that plays to the call, or something that is done at once. */
export type Step =
  | { readonly is: 'sound'; readonly name: string; readonly sources: readonly PlaySource[] }
  | { readonly is: 'act'; readonly name: string; readonly run: (live: Live) => Plan };

/** What a metaflow runs on. */
export interface ChainNeeds {
  readonly execute: Execute;
  readonly actor: Actor;
  readonly follow: ApiOptions['follow'];
  /** Absent: what is in its lobby is played nothing. */
  readonly phones: PhoneCalls | undefined;
  readonly log: Log;
  /** The call as it is now; refuses one that is gone. */
  readonly find: () => Promise<Live>;
}

/**
 * Does the modules of a metaflow in their order. What stands behind a sound waits until it has ended; whoever asked has his answer before that, and a call that is
 * gone by then has nothing more done to it.
 */
export async function runChain(steps: readonly Step[], needs: ChainNeeds): Promise<void> {
  const { execute, actor, follow, log } = needs;
  for (const [index, step] of steps.entries()) {
    const live = await needs.find();
    if (step.is === 'act') {
      await step.run(live)(execute, actor);
      continue;
    }
    // Sounds wait for one another by themselves.
    const behind = steps.slice(index + 1);
    const isAwaited = behind[0]?.is === 'act';
    const { ended } = await played(step.sources, live, { ...needs, isAwaited });
    if (!isAwaited) continue;
    if (follow === undefined) throw refusals.notBuilt(`${behind[0]?.name} behind ${step.name}`);
    void ended
      .then((goesOn) => (goesOn ? runChain(behind, needs) : undefined))
      .catch((error: unknown) => {
        const isGone = error instanceof Refusal || error instanceof Failure;
        if (isGone) log.info('a metaflow could not go on', { module: behind[0]?.name, error: String(error) });
        else log.error('a metaflow broke', { error });
      });
    return;
  }
}

/** Plays to the call. `ended`: when it has, and whether there is anybody left then. */
async function played(
  sources: readonly PlaySource[],
  live: Live,
  { execute, actor, follow, phones, isAwaited }: ChainNeeds & { readonly isAwaited: boolean },
): Promise<{ readonly ended: Promise<boolean> }> {
  const { conference, participant } = live;
  if (isInLobby(live) && phones !== undefined) {
    let last: Promise<void> | undefined;
    for (const each of sources) last = (await phones.talk(actor.account, live.call.id, each)).ended;
    // Whoever has left his lobby meanwhile is met where he is then, and who is gone is not found.
    return { ended: Promise.resolve(last).then(() => true) };
  }
  if (conference === undefined || participant === undefined) throw refusals.badId(live.call.sipCallId);
  const watch = isAwaited && follow !== undefined ? await watched(follow, { account: actor.account, conference }) : undefined;
  try {
    const { playing } = await execute('play.start', { conference, sources, to: participant.number }, actor);
    return { ended: watch?.end(playing) ?? Promise.resolve(false) };
  } catch (error) {
    watch?.close();
    throw error;
  }
}

/** Hears of every sound that ends, from before the first one was begun. */
async function watched(
  follow: NonNullable<ApiOptions['follow']>,
  of: { readonly account: AccountId; readonly conference: ConferenceId },
): Promise<{ end(playing: string): Promise<boolean>; close(): void }> {
  const ends = new Map<string, boolean>();
  let wanted: string | undefined;
  let tell: (goesOn: boolean) => void = () => {};
  const done = new Promise<boolean>((resolve) => (tell = resolve));
  const settle = (): void => {
    const goesOn = wanted === undefined ? undefined : ends.get(wanted);
    if (goesOn !== undefined) tell(goesOn);
  };
  const following = await follow({
    ...of,
    signals: false,
    take: (item) => {
      if (item.kind !== 'fact' || item.entry.fact.type !== 'play.ended') return;
      const { playing, reason } = item.entry.fact;
      ends.set(playing, reason === 'finished' || reason === 'stopped' || reason === 'failed');
      settle();
    },
    ended: () => tell(false),
  });
  const close = (): void => following.close();
  void done.then(close);
  return {
    end: (playing) => {
      wanted = playing;
      settle();
      return done;
    },
    close,
  };
}
