export { lockFile } from './folder-lock.ts';
export { MemoryStore } from './memory-store.ts';
export { openSqlite, type SqliteOptions, SqliteStore } from './sqlite-store.ts';
export type { AllStores } from './stores.ts';
