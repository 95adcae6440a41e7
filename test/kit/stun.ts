import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What tells STUN from other traffic, RFC 8489 §5. */
export const COOKIE = 0x2112a442;

/** A STUN message by the letters of RFC 8489, written for tests alone. */
export function stunMessage(options: {
  readonly type?: number;
  readonly username?: string;
  readonly password: string;
  readonly attributes?: readonly (readonly [number, Uint8Array])[];
  readonly transaction?: Uint8Array;
}): Buffer {
  const { type = 1, username, password, attributes = [], transaction = randomBytes(12) } = options;
  const attribute = (kind: number, value: Uint8Array): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(kind, 0);
    head.writeUInt16BE(value.length, 2);
    return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
  };
  let body = Buffer.concat([
    ...(username === undefined ? [] : [attribute(6, Buffer.from(username))]),
    ...attributes.map(([kind, value]) => attribute(kind, value)),
  ]);
  const message = (more: number): Buffer => {
    const head = Buffer.alloc(20);
    head.writeUInt16BE(type, 0);
    head.writeUInt16BE(body.length + more, 2);
    head.writeUInt32BE(COOKIE, 4);
    head.set(transaction, 8);
    return Buffer.concat([head, body]);
  };
  body = Buffer.concat([body, attribute(8, createHmac('sha1', password).update(message(24)).digest())]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((crc32(message(8)) ^ 0x5354554e) >>> 0);
  body = Buffer.concat([body, attribute(0x8028, sum)]);
  return message(0);
}

/** The attributes of a STUN message by their numbers. */
export function stunAttributes(message: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= message.length; ) {
    const length = message.readUInt16BE(at + 2);
    found.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return found;
}
