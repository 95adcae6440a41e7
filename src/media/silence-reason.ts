import { printHostPort } from '../base/index.ts';
import type { MediaSilence } from './engine-types.ts';
import type { DtlsFailure } from './thread/messages.ts';

const packets = (count: number): string => (count === 1 ? 'one packet' : `${count} packets`);

/** Says to people why nothing can be heard, and what to look at. */
export function silenceReason(silence: MediaSilence): string {
  if (silence.why === 'nothing-came') return 'no packet has come: a firewall or a wrong address in the SDP is in the way';
  const { address, port } = silence.from;
  const came = `${packets(silence.count)} came, the last from ${printHostPort(address, port)}`;
  switch (silence.why) {
    case 'only-strangers':
      return `${came}, which is not the far end that the SDP names`;
    case 'wrong-payload-type':
      return `${came} with payload type ${silence.payloadType}, which was not agreed on`;
    case 'malformed':
      return `${came}, but it is no RTP`;
    case 'not-authentic':
      return `${came}, but its SRTP authentication is wrong: the far end uses another key`;
  }
}

const DTLS_REASONS: Readonly<Record<DtlsFailure, string>> = {
  'wrong-fingerprint': 'the certificate of the browser is not the one that its description names',
  'no-fingerprint': 'the description names no fingerprint by SHA-256, SHA-384 or SHA-512',
  'no-suite': 'the browser offers no suite of SRTP that we have',
  timeout: 'the browser was found, but no handshake of DTLS was ended within 20 s',
  refused: 'the handshake of DTLS was not as it must be',
  'worker-died': 'the handshake of DTLS was interrupted',
};

/** Says to people why a browser has no keys. */
export const dtlsReason = (why: DtlsFailure): string => DTLS_REASONS[why];
