import type { TracedHappening } from '../../conference/index.ts';
import type { Agreed } from '../../sdp/index.ts';

type Change = readonly [type: TracedHappening['type'], text: string];

/** What both ends of a call agreed on, one agreement after the other; tells what is new in each. */
export class Agreements {
  #codec = '';
  #remote = '';
  #keys = '';
  #held = false;

  changes({ codec, remote, crypto, webrtc, held, direction }: Agreed): readonly Change[] {
    const spoken = `${codec.name}, ${codec.ptime} ms, ${direction}`;
    const there =
      remote === undefined ? 'no address' : `${remote.address.includes(':') ? `[${remote.address}]` : remote.address}:${remote.port}`;
    const sealed = webrtc !== null ? 'DTLS-SRTP' : crypto === null ? 'in the clear' : `SRTP by SDES, ${crypto.suite}`;
    const changes: Change[] = [];
    if (spoken !== this.#codec) changes.push(['codec', spoken]);
    if (there !== this.#remote && webrtc === null) changes.push(['remote', `its sound goes to ${there}`]);
    if (sealed !== this.#keys) changes.push(['encrypted', sealed]);
    if (held !== this.#held) changes.push(held ? ['held', 'the telephone holds the line'] : ['resumed', 'the telephone is back']);
    [this.#codec, this.#remote, this.#keys, this.#held] = [spoken, there, sealed, held];
    return changes;
  }
}
