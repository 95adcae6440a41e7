import type { AccountId } from '../../../accounts/index.ts';
import type { Webhooks } from '../../../webhooks/index.ts';
import type { VoipbinEvent } from './voipbin-event.ts';

/** Told of what an account has deleted. */
export type RemovalTold = (events: readonly VoipbinEvent[]) => void;

/** What accounts delete of their calls and runs: nothing of the domain changes, so that no fact tells of it. */
export class Removals {
  readonly #followers = new Set<{ readonly account: AccountId; readonly take: RemovalTold }>();

  follow(account: AccountId, take: RemovalTold): () => void {
    const follower = { account, take };
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  /** Resolves when webhooks will surely be told. `run`: the call whose run it was. */
  async tell(
    account: AccountId,
    { run, key, events }: { readonly run: string; readonly key: string; readonly events: readonly VoipbinEvent[] },
    webhooks: Pick<Webhooks, 'tell'> | undefined,
  ): Promise<void> {
    for (const { account: of, take } of this.#followers) if (of === account) take(events);
    await webhooks?.tell(account, { key, events, run });
  }
}
