import type { SrtpSuite } from '../../rtp/index.ts';
import type { DtlsFailure, Fingerprint } from '../thread/messages.ts';

/** What crosses between a media thread and the worker that does the handshakes, on a way of their own. An association has an id that no other has. */

/** From a media thread. Datagrams come only from places that ICE has found. */
export type DtlsOrder =
  /** A far end begins; its certificate must fit one of these. `address` is where it is, for the limit of each address. */
  | { readonly do: 'begin'; readonly id: string; readonly address: string; readonly fingerprints: readonly Fingerprint[] }
  | { readonly do: 'datagram'; readonly id: string; readonly bytes: Uint8Array }
  /** The leg lives in this thread now; what is known of it is told again. */
  | { readonly do: 'adopt'; readonly id: string }
  | { readonly do: 'end'; readonly id: string };

/** To the media thread that has the leg. */
export type DtlsReport =
  /** To be sent to the far end. */
  | { readonly say: 'datagram'; readonly id: string; readonly bytes: Uint8Array }
  /** Both master keys, each followed by its salt. */
  | {
      readonly say: 'keys';
      readonly id: string;
      readonly suite: SrtpSuite;
      readonly ourKey: Uint8Array;
      readonly theirKey: Uint8Array;
    }
  | { readonly say: 'failed'; readonly id: string; readonly why: DtlsFailure }
  /** Too many begin at once: nothing was begun, and when the far end says hello again it may be its turn. */
  | { readonly say: 'later'; readonly id: string }
  /** The far end has closed the association. */
  | { readonly say: 'closed'; readonly id: string };

/** Our certificate with its key, as PEM, and its fingerprint. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
  readonly fingerprint: Fingerprint;
}

/** What the worker is started with: nothing, or the identity that its predecessor had. */
export interface DtlsStart {
  readonly identity?: Identity;
}
