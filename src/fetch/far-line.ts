import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { audioSocketOver, webSocketOver } from './far-socket.ts';
import type { FarLine } from './fetch-types.ts';
import { inWords } from './in-words.ts';

/** Ports that a URL has without saying so. */
const PORTS: Readonly<Record<string, string>> = { 'ws:': '80', 'wss:': '443' };

/** A connection to where a URL leads, `tcp:`, `ws:` or `wss:`, over nothing but addresses that were judged. */
export function openFarLine(
  text: string,
  { connect, name }: { readonly connect: buildConnector.connector; readonly name: string },
): Promise<FarLine> {
  const url = URL.parse(text);
  if (url === null) return Promise.resolve({ refused: 'not a URL' });
  const { protocol, hostname, port, username, password } = url;
  const isKnown = protocol === 'tcp:' || Object.hasOwn(PORTS, protocol);
  if (!isKnown || hostname === '') return Promise.resolve({ refused: 'only tcp, ws and wss are spoken' });
  if (username !== '' || password !== '') return Promise.resolve({ refused: 'a user or password in a URL is not sent' });
  const wish = {
    hostname,
    host: url.host,
    protocol: protocol === 'wss:' ? 'https:' : 'http:',
    port: port === '' ? (PORTS[protocol] ?? '') : port,
    ...(protocol === 'wss:' ? { servername: hostname } : {}),
  };
  if (wish.port === '') return Promise.resolve({ refused: 'a port is missing' });
  return new Promise((resolve) => {
    connect(wish, (error, socket: Socket | null) => {
      if (error !== null || socket === null) resolve(inWords(error));
      else if (protocol === 'tcp:') resolve({ socket: audioSocketOver(socket, name) });
      else
        webSocketOver(socket, text).then(
          (far) => resolve({ socket: far }),
          (failed: unknown) => resolve(inWords(failed)),
        );
    });
  });
}
