import type { ClientOptions } from 'ws';
import { WebSocket } from 'ws';
import { type BlackholeOptions, openBlackhole } from '../../src/api/kazoo/blackhole/blackhole.ts';
import type { ConferenceId } from '../../src/conference/index.ts';
import { type House, openHouse } from './api-house.ts';
import { Client } from './blackhole-client.ts';

/** Blackhole over real sockets in front of a real domain with a store in memory and fake time; `room` is there, and nobody joins it muted. */
export async function openBlackholeHouse(change: Partial<BlackholeOptions> = {}) {
  const house = await openHouse();
  const { options, bus, conferences } = house;
  const blackhole = await openBlackhole({
    ...options,
    follow: (wish) => bus.follow(wish),
    liveOf: (account, conference) => conferences.liveOf(account, conference),
    ...change,
  });
  await house.server.inject({
    method: 'PUT',
    url: `/v2/accounts/${house.account}/conferences`,
    headers: { 'x-auth-token': house.token },
    payload: JSON.stringify({ data: { id: 'room', member: { join_muted: false } } }),
  });
  const clients: Client[] = [];
  const client = async (path = '/', how: ClientOptions = {}): Promise<Client> => {
    const fresh = new Client(new WebSocket(`${blackhole.url}${path}`, how));
    clients.push(fresh);
    await fresh.opened;
    return fresh;
  };
  return {
    house,
    blackhole,
    client,
    clients,
    actor: { account: house.account, kind: 'api' } as never,
    subscribed: async (binding: string, account = house.account) => {
      const fresh = await client();
      await fresh.ask({ action: 'subscribe', auth_token: house.token, data: { account_id: account, binding } });
      return fresh;
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of clients) each.socket.terminate();
      await blackhole.close();
      await bus.close();
    },
  };
}

/** `room` is locked and unlocked so many times in all. */
export const bulk = (house: House, n: number): Promise<unknown> => {
  const actor = { account: house.account, kind: 'api' } as never;
  const lock = (locked: boolean) => house.conferences.execute('conference.lock', { conference: 'room' as ConferenceId, locked }, actor);
  return Promise.all(Array.from({ length: n }, (_, i) => lock(i % 2 === 0)));
};
