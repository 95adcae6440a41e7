import { after } from 'node:test';
import { SystemClock } from '../../src/base/index.ts';
import { openPostgres } from '../../src/store/index.ts';
import { Postgres } from '../kit/postgres.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { storeContract } from './store.ts';

const server = await Postgres.start();
after(() => server.close());

const masterKey = new Uint8Array(32).fill(7);
const clock = new SystemClock();

storeContract('postgres', async () => {
  const url = await server.newUrl();
  const open = () => openPostgres({ url, clock, chance: new SeededChance(1), masterKey, soon: setImmediate });
  let stores = await open();
  return {
    stores,
    close: () => stores.close(),
    reopen: async () => {
      await stores.close();
      stores = await open();
      return stores;
    },
  };
});
