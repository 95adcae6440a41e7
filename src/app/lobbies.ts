import type { Chance, Clock, Log } from '../base/index.ts';
import { type Conferences, type ConferencesOptions, EntryDesk, Lobbies, type LobbyNeeds, noDefaults, Shield } from '../conference/index.ts';

/** What lobbies are opened with. */
export interface LobbiesNeeds
  extends Pick<LobbyNeeds, 'telephony' | 'media'>,
    Partial<Pick<LobbyNeeds, 'player' | 'numbers' | 'web' | 'keys'>> {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly store: ConferencesOptions['store'];
  /** Opened after these, because it tells them who is brought where. */
  readonly conferences: () => Conferences;
}

/** Opens the lobbies, with the desk that knows what callers are asked. */
export function openLobbies({ store, conferences, ...needs }: LobbiesNeeds): Lobbies {
  const { clock, log } = needs;
  const shield = new Shield({
    clock,
    keeping: { all: async () => [], save: () => {}, remove: () => {} },
    locked: ({ account, conference }) =>
      log.warn('a caller was locked out', { account, ...(conference === undefined ? {} : { conference }) }),
  });
  const desk = new EntryDesk({
    log,
    shield,
    conference: async (account, id) => {
      const found = await store.load(account, id);
      return found?.deletedAt === undefined ? found : undefined;
    },
    byNumber: (account, number) => store.findByNumber(account, number),
    defaults: async () => noDefaults,
  });
  return new Lobbies({ ...needs, desk, execute: (name, input, actor) => conferences().execute(name, input, actor) });
}
