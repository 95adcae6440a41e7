import { maxMessageBytes } from './parse.ts';

const crlfcrlf = Buffer.from('\r\n\r\n');
const lengths = /\r\n(?:content-length|l)[ \t]*:([^\r]*(?:\r\n[ \t][^\r]*)*)/gi;

/** The body length that a head announces; none is zero on a stream (RFC 3261 §18.3); undefined when it makes no sense. */
function announced(head: string): number | undefined {
  const values = new Set([...head.matchAll(lengths)].map(([, value = '']) => value.trim()));
  if (values.size === 0) return 0;
  const [value = ''] = values;
  return values.size === 1 && /^\d{1,7}$/.test(value) ? Number(value) : undefined;
}

/** Cuts a byte stream into messages by Content-Length, RFC 3261 §18.3, and finds keep-alives, RFC 5626 §4.4.1. */
export class StreamSplitter {
  #held: Buffer<ArrayBuffer> = Buffer.alloc(4_096);
  #length = 0;
  /** Where the search for the end of the head goes on, so that a dripping sender costs no more than a quick one. */
  #searched = 0;
  #overflow = false;

  /** True when the stream makes no sense any more: too much was sent, or a length cannot be read. Close the connection. */
  get overflow(): boolean {
    return this.#overflow;
  }

  /** Takes what arrived; gives whole messages (copies, for parseMessage) and `ping` for each double CRLF to answer with one CRLF. */
  push(bytes: Uint8Array): (Uint8Array | 'ping')[] {
    const found: (Uint8Array | 'ping')[] = [];
    // In slices, so that what is held never exceeds one message and one slice however much comes at once.
    for (let at = 0; at < bytes.length && !this.#overflow; at += maxMessageBytes) {
      this.#hold(bytes.subarray(at, at + maxMessageBytes));
      for (let next = this.#take(); next !== undefined; next = this.#take()) {
        if (next !== 'blank') found.push(next);
      }
    }
    return found;
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#held.length) {
      const bigger = Buffer.alloc(Math.max(needed, this.#held.length * 2));
      this.#held.copy(bigger, 0, 0, this.#length);
      this.#held = bigger;
    }
    this.#held.set(bytes, this.#length);
    this.#length = needed;
  }

  #drop(count: number): void {
    this.#held.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#searched = 0;
  }

  #take(): Uint8Array | 'ping' | 'blank' | undefined {
    if (this.#overflow || this.#length === 0) return undefined;
    if (this.#held[0] === 13) return this.#takeBlank();
    const headEnd = this.#held.subarray(0, this.#length).indexOf(crlfcrlf, this.#searched);
    if (headEnd < 0) {
      this.#searched = Math.max(0, this.#length - 3);
      this.#overflow = this.#length > maxMessageBytes;
      return undefined;
    }
    this.#searched = headEnd;
    const length = announced(this.#held.toString('latin1', 0, headEnd));
    const size = headEnd + 4 + (length ?? 0);
    // Where the next message begins is unknown; the head alone still lets a 400 be sent.
    if (length === undefined || size > maxMessageBytes) {
      this.#overflow = true;
      return headEnd + 4 > maxMessageBytes ? undefined : new Uint8Array(this.#held.subarray(0, headEnd + 4));
    }
    if (this.#length < size) return undefined;
    const message = new Uint8Array(this.#held.subarray(0, size));
    this.#drop(size);
    return message;
  }

  /** Line breaks before a message: two are a keep-alive, one is nothing (RFC 3261 §7.5). */
  #takeBlank(): 'ping' | 'blank' | undefined {
    const [, second, third, fourth] = this.#held.subarray(0, this.#length);
    if (second === undefined || (second === 10 && third === 13 && fourth === undefined)) return undefined;
    if (second !== 10) {
      this.#overflow = true;
      return undefined;
    }
    if (third === 13 && fourth === 10) {
      this.#drop(4);
      return 'ping';
    }
    // One CRLF may be the first half of a keep-alive whose second half is on its way.
    if (third === undefined) return undefined;
    this.#drop(2);
    return 'blank';
  }
}
