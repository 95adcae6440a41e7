import { storeContract } from '../../test/contract/store.ts';
import { MemoryStore } from './memory-store.ts';

storeContract('memory', async () => {
  const stores = new MemoryStore();
  return { stores, close: () => stores.close() };
});
