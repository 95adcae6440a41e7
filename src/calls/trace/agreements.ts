import { printHostPort } from '../../base/index.ts';
import type { CallHappening } from '../../conference/index.ts';
import type { Agreed } from '../../sdp/index.ts';

/** What both ends of a call agreed on, one agreement after the other; tells what is new in each. */
export class Agreements {
  #codec = '';
  #remote = '';
  #keys: string | undefined = '';
  #held = false;

  changes({ codec, remote, crypto, webrtc, held, direction }: Agreed): readonly CallHappening[] {
    const spoken = `${codec.name}, ${codec.ptime} ms, ${direction}`;
    const there = remote === undefined ? 'no address' : printHostPort(remote.address, remote.port);
    const sealed = keysOf({ webrtc, crypto });
    const changes: CallHappening[] = [];
    if (spoken !== this.#codec) changes.push({ type: 'codec', text: spoken, values: { codec: codec.name, ptime: codec.ptime, direction } });
    if (there !== this.#remote && webrtc === null)
      changes.push({ type: 'remote', text: `its sound goes to ${there}`, values: { address: there } });
    if (sealed !== this.#keys) changes.push({ type: 'encrypted', text: sealed ?? 'in the clear', values: { how: sealed ?? '' } });
    if (held !== this.#held)
      changes.push(held ? { type: 'held', text: 'the telephone holds the line' } : { type: 'resumed', text: 'the telephone is back' });
    [this.#codec, this.#remote, this.#keys, this.#held] = [spoken, there, sealed, held];
    return changes;
  }
}

/** How what is said is encrypted; undefined: it is not. */
function keysOf({ webrtc, crypto }: Pick<Agreed, 'webrtc' | 'crypto'>): string | undefined {
  if (webrtc !== null) return 'DTLS-SRTP';
  return crypto === null ? undefined : `SRTP by SDES, ${crypto.suite}`;
}
