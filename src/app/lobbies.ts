import type { Chance, Clock, Log } from '../base/index.ts';
import { type Conferences, Lobbies, type LobbyNeeds, type Numbers } from '../conference/index.ts';

/** What lobbies are opened with. */
export interface LobbiesNeeds extends Omit<LobbyNeeds, 'execute' | 'phones' | 'errands'> {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Opened after these, because it tells them who is brought where. */
  readonly conferences: () => Conferences;
  /** Whoever dials one of these is asked for the number of a conference of the account that his call belongs to. */
  readonly accessNumbers: readonly string[];
}

/** Opens the lobbies. */
export function openLobbies({ conferences, accessNumbers, ...needs }: LobbiesNeeds): Lobbies {
  const numbers = withAccess(needs.numbers, accessNumbers);
  return new Lobbies({ ...needs, numbers, execute: (name, input, actor) => conferences().execute(name, input, actor) });
}

/** What accounts have put on numbers, and the server's own access numbers. */
const withAccess = (numbers: Numbers | undefined, accessNumbers: readonly string[]): Numbers => ({
  find: async (account, dialled) => numbers?.find(account, dialled),
  flow: async (account, id) => numbers?.flow(account, id),
  isAccessNumber: async (account, dialled) =>
    accessNumbers.includes(dialled.dialled) || (await numbers?.isAccessNumber(account, dialled)) === true,
});
