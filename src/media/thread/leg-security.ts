import { SrtpReceiver, SrtpSender } from '../../rtp/index.ts';
import type { LegState, ThreadCrypto } from './messages.ts';

const isSame = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && one.every((byte, at) => byte === other[at]);

const NONE = new Uint8Array(0);

/** Both directions of one leg's SRTP, with the keys they were made of. */
export class LegSecurity {
  readonly crypto: ThreadCrypto;
  readonly sender: SrtpSender;
  readonly receiver: SrtpReceiver;

  /** `state`: where both directions are, of a leg that comes from another thread. */
  constructor(crypto: ThreadCrypto, before: LegSecurity | null, state: LegState['srtp'] = null) {
    const { suite, ourKey, theirKey, theirMki } = crypto;
    const isSuite = before?.crypto.suite === suite;
    this.crypto = crypto;
    // A re-INVITE repeats the keys; streams that go on keep their rollover counters and replay windows.
    this.sender =
      isSuite && isSame(before.crypto.ourKey, ourKey)
        ? before.sender
        : new SrtpSender({ suite, key: ourKey, ...(state === null ? {} : { state: state.sender }) });
    this.receiver =
      isSuite && isSame(before.crypto.theirKey, theirKey) && isSame(before.crypto.theirMki ?? NONE, theirMki ?? NONE)
        ? before.receiver
        : new SrtpReceiver({
            suite,
            key: theirKey,
            ...(theirMki && { mki: theirMki }),
            ...(state === null ? {} : { state: state.receiver }),
          });
  }
}
