import type { Api, ApiOptions } from './options.ts';
import { buildServer } from './server.ts';

/** Opens the HTTP server and resolves when it listens. */
export async function openApi(options: ApiOptions): Promise<Api> {
  const server = await buildServer(options);
  const url = await server.listen({ host: options.address, port: options.port });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= server.close().then(() => undefined);
    return closing;
  };
  return { url, secureUrl: undefined, close };
}
