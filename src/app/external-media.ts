import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { AccountId } from '../accounts/index.ts';
import { dashed, Failure } from '../base/index.ts';
import type { CallId, ConferenceId, ExternalMedia, ExternalMediaWish } from '../conference/index.ts';
import type { Fetch } from '../fetch/index.ts';
import type { StreamSocket, Streams } from '../streams/index.ts';

/** What media of others are opened with. */
export interface ExternalMediaNeeds {
  readonly fetch: Pick<Fetch, 'line'>;
  /** Opened later. */
  readonly programs: () => Pick<Streams, 'open'>;
  /** Where a call is. */
  readonly whereIs: (account: AccountId, call: CallId) => Promise<ConferenceId>;
}

/** External media of one call at most (voipbin-facts §5.3). */
const PER_CALL = 5;
/** AudioSocket: the first message is the id of the call; a message has a kind, a length in network order, and so many bytes. */
const UUID = 0x01;
const HEADER = 3;
const MOST_UNREAD = 65_536;

/** Media of others: we open the connection, and whoever answers is a program beside the call. */
export function openExternalMedia({ fetch, programs, whereIs }: ExternalMediaNeeds): ExternalMedia {
  return {
    async open(account, call, wish) {
      const isWebSocket = /^wss?:/i.test(wish.target);
      const line = await fetch.line(isWebSocket ? wish.target : `tcp://${wish.target}`);
      if ('refused' in line) throw new Failure('denied', 'fetch_refused', line.refused);
      if ('failed' in line) throw new Failure('unavailable', 'fetch_failed', line.failed);
      const { socket } = line;
      try {
        const far = isWebSocket ? await webSocketOver(socket, wish) : audioSocketOver(socket, call);
        const conference = await whereIs(account, call);
        const opened = await programs().open({ account, conference, wish: streamWish(wish), only: call });
        opened.take(far);
        return () => far.close({ code: 1000, reason: 'stopped' });
      } catch (error) {
        socket.destroy();
        throw error;
      }
    },
  };
}

const streamWish = ({ framing, hears, speaks }: ExternalMediaWish) => ({
  framing,
  rate: 8000 as const,
  hear: hears ? ('mix' as const) : ('none' as const),
  speak: speaks,
  talks: false,
  name: 'external media',
  role: 'member' as const,
  muted: false,
  deaf: false,
  leavesAlone: true,
  limit: PER_CALL,
});

/** A websocket that we have opened, over a connection whose far end was judged. */
function webSocketOver(socket: Socket, { target }: ExternalMediaWish): Promise<StreamSocket> {
  // What is secure is so already, below the websocket.
  const far = new WebSocket(target.replace(/^wss:/i, 'ws:'), { createConnection: () => socket, handshakeTimeout: 10_000 });
  far.binaryType = 'nodebuffer';
  return new Promise((resolve, reject) => {
    far.once('error', () => reject(new Failure('unavailable', 'fetch_failed', 'the server speaks no websocket')));
    far.once('open', () => {
      far.on('error', () => far.terminate());
      resolve({
        send: (data) => far.send(data),
        close: ({ code = 1000, reason = '' } = {}) => far.close(code, reason),
        onMessage: (take) => void far.on('message', (data, isBinary) => take(isBinary ? (data as Buffer) : String(data))),
        onClose: (gone) => void far.once('close', gone),
        get bufferedAmount() {
          return far.bufferedAmount;
        },
      });
    });
  });
}

/** AudioSocket over TCP: a stream of bytes, of which whole messages are given on. */
function audioSocketOver(socket: Socket, call: CallId): StreamSocket {
  const id = Buffer.from(dashed(call).replaceAll('-', ''), 'hex');
  socket.write(Buffer.concat([Buffer.from([UUID, 0, id.length]), id]));
  socket.on('error', () => socket.destroy());
  return {
    send: (data) => void (typeof data !== 'string' && socket.write(data)),
    close: () => void socket.end(),
    onMessage(take) {
      let rest: Buffer = Buffer.alloc(0);
      socket.on('data', (bytes) => {
        const all = Buffer.concat([rest, bytes]);
        const whole = wholeMessages(all);
        if (whole > 0) take(all.subarray(0, whole));
        rest = all.subarray(whole);
        // A message has 64 kB at most.
        if (rest.length > MOST_UNREAD + HEADER) socket.destroy();
      });
    },
    onClose: (gone) => void socket.once('close', gone),
    get bufferedAmount() {
      return socket.writableLength;
    },
  };
}

/** How many bytes of these are whole messages. */
function wholeMessages(bytes: Buffer): number {
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const end = at + HEADER + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) break;
    at = end;
  }
  return at;
}
