import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { Found } from './connector.ts';
import { audioSocketOver, datagramsWith, webSocketOver } from './far-socket.ts';
import type { FarLine } from './fetch-types.ts';
import { inWords } from './in-words.ts';

/** Ports that a URL has without saying so. */
const PORTS: Readonly<Record<string, string>> = { 'ws:': '80', 'wss:': '443' };

/** What lines are opened with. */
export interface LineNeeds {
  readonly connect: buildConnector.connector;
  /** Finds and judges where datagrams go. */
  readonly find: (host: string) => Promise<Found>;
  readonly name: string;
}

/** A connection to where a URL leads, `tcp:`, `udp:`, `ws:` or `wss:`, over nothing but addresses that were judged. */
export async function openFarLine(text: string, needs: LineNeeds): Promise<FarLine> {
  const url = URL.parse(text);
  if (url === null) return { refused: 'not a URL' };
  const { protocol, hostname, username, password } = url;
  const isKnown = protocol === 'tcp:' || protocol === 'udp:' || Object.hasOwn(PORTS, protocol);
  if (!isKnown || hostname === '') return { refused: 'only tcp, udp, ws and wss are spoken' };
  if (username !== '' || password !== '') return { refused: 'a user or password in a URL is not sent' };
  const port = url.port === '' ? (PORTS[protocol] ?? '') : url.port;
  if (port === '' || port === '0') return { refused: 'a port is missing' };
  try {
    if (protocol === 'udp:') return { socket: await datagramsWith({ ...(await needs.find(hostname)), port: Number(port) }) };
    const socket = await connected(url, port, needs);
    return { socket: protocol === 'tcp:' ? audioSocketOver(socket, needs.name) : await webSocketOver(socket, text) };
  } catch (error) {
    return inWords(error);
  }
}

function connected({ protocol, hostname, host }: URL, port: string, { connect }: LineNeeds): Promise<Socket> {
  const isSecure = protocol === 'wss:';
  const wish = { hostname, host, protocol: isSecure ? 'https:' : 'http:', port, ...(isSecure ? { servername: hostname } : {}) };
  return new Promise((resolve, reject) => {
    connect(wish, (error, socket: Socket | null) => {
      if (socket === null) reject(error);
      else resolve(socket);
    });
  });
}
