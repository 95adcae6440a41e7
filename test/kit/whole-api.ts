import type { ApiOptions } from '../../src/api/options.ts';
import { buildServer } from '../../src/api/server.ts';
import { openHouse } from './api-house.ts';

/** What only has to be there for its routes to be; whoever asks there finds nobody at home. */
const absent = {} as never;

/** A server with every route of `/api` that there can be, to be looked at and not to be asked. */
export async function openWholeApi() {
  const house = await openHouse();
  const all: Partial<ApiOptions> = {
    recordings: absent,
    transcripts: absent,
    keeping: absent,
    entry: { invitations: absent, lockouts: absent, numbers: [] },
    dialling: absent,
    trunks: absent,
    qualityOf: async () => undefined,
    webhooks: absent,
    browsers: absent,
    programs: absent,
    follow: absent,
    traces: absent,
  };
  const server = await buildServer({ ...house.options, ...all, streams: absent });
  return { server };
}
