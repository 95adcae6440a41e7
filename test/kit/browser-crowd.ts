import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { builtPages } from './browser-stand.ts';

const TYPES: Readonly<Record<string, string>> = { '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };
const AT = '2026-11-22T10:00:00.000Z';
const idOf = (number: number): string => `01a20000-0000-7000-8000-${String(number).padStart(12, '0')}`;

/** Somebody as `/api` shows him. */
export const crowdPerson = (number: number, more: object = {}) => ({
  id: idOf(number),
  number,
  role: 'member',
  caller_name: `Person ${number}`,
  caller_number: `+4930${String(number).padStart(6, '0')}`,
  call_id: `call-${number}`,
  ghost: false,
  joined_at: AT,
  muted: false,
  mute_reasons: [] as string[],
  deaf: false,
  gain_in: 1,
  gain_out: 1,
  talking: false,
  ...more,
});

/** The console over a server that shows one conference with a crowd, and tells whatever a test lets it tell. */
export class ConsoleStand {
  readonly people: number;
  readonly #conferences: number;
  #sequence = 1;
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#server });
  readonly #followers = new Set<WebSocket>();

  private constructor(people: number, conferences: number) {
    this.people = people;
    this.#conferences = conferences;
  }

  static async open({ people = 0, conferences = 1 }: { people?: number; conferences?: number }): Promise<ConsoleStand> {
    builtPages();
    const stand = new ConsoleStand(people, conferences);
    stand.#sockets.on('connection', (socket, { url = '' }) => {
      stand.#followers.add(socket);
      socket.on('close', () => stand.#followers.delete(socket));
      if (url.includes('conference=')) {
        socket.send(JSON.stringify({ type: 'snapshot', at: AT, conference: idOf(0), sequence: 1, state: stand.#conference(0) }));
      }
      socket.send(JSON.stringify({ type: 'live', at: AT }));
    });
    await new Promise<void>((resolve) => stand.#server.listen(0, '127.0.0.1', resolve));
    return stand;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/console`;
  }

  get conference(): string {
    return idOf(0);
  }

  /** Somebody talks, or stops. */
  talks(number: number, talking: boolean): void {
    this.#tell({ type: `participant.${talking ? 'started' : 'stopped'}-talking`, participant: { id: idOf(number), number, talking } });
  }

  /** Somebody is muted, or heard again. */
  mutes(number: number, muted: boolean): void {
    const participant = crowdPerson(number, { muted, mute_reasons: muted ? ['moderator'] : [] });
    const [type, more] = muted ? ['participant.muted', { mute_reasons: ['moderator'] }] : ['participant.unmuted', {}];
    this.#sequence += 1;
    this.#tell({ type, sequence: this.#sequence, participant, ...more });
  }

  /** Somebody leaves, or comes back. */
  moves(number: number, isIn: boolean): void {
    this.#sequence += 1;
    this.#tell({
      type: isIn ? 'participant.joined' : 'participant.left',
      sequence: this.#sequence,
      participant: crowdPerson(number),
      reason: 'hung-up',
    });
  }

  #tell(event: object): void {
    const text = JSON.stringify({ at: AT, conference: idOf(0), ...event });
    for (const each of this.#followers) each.send(text);
  }

  #conference(number: number) {
    return {
      id: idOf(number),
      name: `Conference ${number}`,
      document: { conference_numbers: [String(7000 + number)] },
      revision: 1,
      created_at: AT,
      modified_at: AT,
      locked: false,
      started: true,
      members_muted: false,
      ends_at: null,
      unattended_until: null,
      waiting: [],
      running_since: number === 0 ? AT : null,
      instance: 'i',
      sequence: 1,
      participants: number === 0 ? Array.from({ length: this.people }, (_, at) => crowdPerson(at + 1)) : [],
      relationships: [],
      recording: null,
      playing: [],
      transcription: null,
    };
  }

  #answer({ url = '/' }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, 'http://stand');
    const json = (body: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (pathname === '/api/session') {
      json({
        account: { id: 'a', name: 'Stand', realm: 'stand.test' },
        user: { id: 'u', username: 'admin', name: 'admin' },
        role: 'admin',
      });
    } else if (pathname === '/api/conferences') {
      const [from, limit] = [Number(searchParams.get('cursor') ?? 0), Number(searchParams.get('limit'))];
      const end = Math.min(this.#conferences, from + limit);
      const items = Array.from({ length: end - from }, (_, at) => this.#conference(from + at));
      json({ items, next_cursor: end < this.#conferences ? String(end) : null });
    } else if (pathname.endsWith('/quality')) {
      json({ at: AT, items: (searchParams.get('participants') ?? '').split(',').map(qualityOf) });
    } else if (pathname.startsWith('/api/conferences/')) json(this.#conference(0));
    else this.#page(pathname, response);
  }

  #page(pathname: string, response: ServerResponse): void {
    const place = join(builtPages(), pathname.startsWith('/console') ? 'console.html' : pathname.slice(1));
    if (!existsSync(place)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(place)] ?? 'text/html' });
    response.end(readFileSync(place));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#sockets.clients) each.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const qualityOf = (id: string) => ({
  id,
  number: Number(id.slice(-12)),
  talking: false,
  energy: 500,
  codec: 'opus',
  packets_in: 5000,
  packets_out: 5000,
  lost: 12,
  late: 1,
  concealed: 0,
  jitter_ms: 2,
  round_trip_ms: 20,
  buffer_ms: 40,
  mos: 4.2,
});
