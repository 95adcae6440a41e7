import type { AccountId } from '../../accounts/index.ts';
import { type Chance, type Clock, type Log, newId } from '../../base/index.ts';
import type { Happening } from '../facts.ts';
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

/** Those who were on their way in when the server died. */
export interface Comings {
  /** What is kept of this call's ways into conferences that neither came to an end nor led in. */
  open(account: AccountId, call: CallId): Promise<readonly Joining[]>;
}

/** A call on its way into a conference. That it begins, and that it leads nowhere, is noted in its diary, so that he stays on record (voipbin-facts §2.3). */
export class Coming {
  readonly #account: AccountId;
  readonly #call: CallId;
  readonly #needs: Needs;
  #joining: Joining | undefined;
  #noted: Promise<void> | undefined;

  constructor(account: AccountId, call: CallId, needs: Needs) {
    this.#account = account;
    this.#call = call;
    this.#needs = needs;
  }

  /** Undefined: it is on its way into none. */
  get joining(): Joining | undefined {
    return this.#joining;
  }

  /** Resolves when that it is on its way is kept, so that it is told before that it is in; undefined: nothing is waited for. */
  get noted(): Promise<void> | undefined {
    return this.#noted;
  }

  /** Its flow wants it there from now on. */
  begins(conference: ConferenceId): void {
    if (this.#joining?.conference === conference) return;
    this.ends('transferred');
    const { clock, chance } = this.#needs;
    const now = clock.epoch();
    const id = newId(chance, now) as ParticipantId;
    this.#joining = { id, conference, startedAt: now };
    this.#note({ type: 'joining.started', participant: id, into: conference, call: this.#call }, now);
  }

  /** It has come in: from now on its participant tells of it. */
  arrived(): void {
    this.#joining = undefined;
  }

  /** It does not come in any more. */
  ends(reason: LeaveReason): void {
    const joining = this.#joining;
    this.#joining = undefined;
    if (joining === undefined) return;
    const { id: participant, conference: into, startedAt: since } = joining;
    this.#note({ type: 'joining.ended', participant, into, call: this.#call, since, reason }, this.#needs.clock.epoch());
  }

  /** One behind the other. */
  #note(what: Happening, at: number): void {
    if (this.#needs.diary === undefined) return;
    const noted = (this.#noted ?? Promise.resolve()).then(() =>
      note([what], { account: this.#account, call: this.#call, at }, this.#needs),
    );
    this.#noted = noted;
    void noted.then(() => {
      if (this.#noted === noted) this.#noted = undefined;
    });
  }
}

/** Notes that the ways of a call end that a crash has cut. */
export async function closeComings(
  { account, call, reason }: { readonly account: AccountId; readonly call: CallId; readonly reason: LeaveReason },
  needs: Needs & { readonly comings?: Comings },
): Promise<void> {
  const left = (await needs.comings?.open(account, call)) ?? [];
  const what = left.map(
    ({ id: participant, conference: into, startedAt: since }): Happening => ({
      ...{ type: 'joining.ended', participant, into, call, since, reason },
    }),
  );
  if (what.length > 0) await note(what, { account, call, at: needs.clock.epoch() }, needs);
}

/** A diary that cannot be written keeps nobody from going on. */
async function note(
  what: readonly Happening[],
  { account, call, at }: { readonly account: AccountId; readonly call: CallId; readonly at: number },
  { diary, events, log }: Needs,
): Promise<void> {
  try {
    const facts = await diary?.note({ account, place: lobbyOf(call), at }, what);
    if (facts !== undefined) events?.publish(facts);
  } catch (error) {
    log.error('how somebody was on his way into a conference was not kept', { account, call, error });
  }
}
