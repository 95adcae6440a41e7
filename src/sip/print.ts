import type { SipMessage } from './message.ts';

/** A line break inside a value would let whoever chose the value write headers of his own. */
const oneLine = (value: string): string => (/[\r\n]/.test(value) ? value.replace(/[\r\n]+[ \t]*/g, ' ') : value);
const fitsBytes = /^[\0-\xff]*$/;

/** Writes a message. Content-Length is set from the body, where it stood or at the end. */
export function printMessage(message: SipMessage): Uint8Array {
  let head =
    message.type === 'request'
      ? `${message.method} ${oneLine(message.uri)} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${oneLine(message.reason)}\r\n`;
  let measured = false;
  for (const [name, value] of message.headers) {
    if (name !== 'Content-Length') head += `${name}: ${oneLine(value)}\r\n`;
    else if (!measured) {
      measured = true;
      head += `Content-Length: ${message.body.length}\r\n`;
    }
  }
  head += measured ? '\r\n' : `Content-Length: ${message.body.length}\r\n\r\n`;
  // Values are byte strings; text that somebody forgot to encode goes out as UTF-8 rather than torn.
  const top = Buffer.from(head, fitsBytes.test(head) ? 'latin1' : 'utf8');
  return message.body.length === 0 ? top : Buffer.concat([top, message.body]);
}
