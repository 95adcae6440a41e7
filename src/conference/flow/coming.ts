import type { AccountId } from '../../accounts/index.ts';
import { type Chance, type Clock, type Log, newId } from '../../base/index.ts';
import type { CallId, ConferenceId, ParticipantId } from '../ids.ts';
import type { Diary, Events } from '../ports.ts';
import type { LeaveReason } from '../reasons.ts';
import { lobbyOf } from './lobby.ts';
import type { Joining } from './phone-calls.ts';

interface Needs {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Absent: who does not come is forgotten. */
  readonly diary?: Diary;
  readonly events?: Pick<Events, 'publish'>;
}

/** A call on its way into a conference. Whoever never comes in is noted in its diary, so that he stays on record (voipbin-facts §2.3). */
export class Coming {
  readonly #account: AccountId;
  readonly #call: CallId;
  readonly #needs: Needs;
  #joining: Joining | undefined;

  constructor(account: AccountId, call: CallId, needs: Needs) {
    this.#account = account;
    this.#call = call;
    this.#needs = needs;
  }

  /** Undefined: it is on its way into none. */
  get joining(): Joining | undefined {
    return this.#joining;
  }

  /** Its flow wants it there from now on. */
  begins(conference: ConferenceId): void {
    this.ends('transferred');
    const { clock, chance } = this.#needs;
    const now = clock.epoch();
    this.#joining = { id: newId(chance, now) as ParticipantId, conference, startedAt: now };
  }

  /** It has come in: from now on its participant tells of it. */
  arrived(): void {
    this.#joining = undefined;
  }

  /** It does not come in any more. */
  ends(reason: LeaveReason): void {
    const joining = this.#joining;
    this.#joining = undefined;
    if (joining !== undefined) void this.#note(joining, reason);
  }

  async #note({ id: participant, conference: into, startedAt: since }: Joining, reason: LeaveReason): Promise<void> {
    const { diary, events, clock, log } = this.#needs;
    if (diary === undefined) return;
    const [account, call] = [this.#account, this.#call];
    const what = { type: 'joining.ended', participant, into, call, since, reason } as const;
    try {
      const facts = await diary.note({ account, place: lobbyOf(call), at: clock.epoch() }, [what]);
      events?.publish(facts);
    } catch (error) {
      log.error('that somebody did not come into a conference was not kept', { account, call, error });
    }
  }
}
