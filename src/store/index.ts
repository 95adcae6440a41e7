export { lockFile } from './folder-lock.ts';
export { MemoryStore } from './memory-store.ts';
export { openPostgres, type PostgresOptions } from './open-postgres.ts';
export { openSqlite, type SqliteOptions } from './open-sqlite.ts';
export type { AllStores } from './stores.ts';
