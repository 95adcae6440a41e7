import type { TrunkId } from '../../accounts/index.ts';
import type { JsonObject } from '../../base/index.ts';
import type { Headers } from '../../sip/index.ts';
import type { Credentials } from '../credentials.ts';
import type { Flow } from '../flow.ts';

/** One place where somebody may be reached, and how an INVITE to it looks. */
export interface Candidate {
  /** The Request-URI. */
  readonly uri: string;
  /** The URI in To. */
  readonly to: string;
  /** The whole From value, without a tag. */
  readonly from: string;
  readonly flow: Flow;
  /** Later requests go back over the same flow, whatever the far end's Contact says: it sits behind an address translator. */
  readonly translated: boolean;
  /** Route values, nearest hop first. */
  readonly routes: readonly string[];
  /** Who calls, for those who are told (RFC 3325 and others). */
  readonly headers: Headers;
  readonly credentials?: Credentials;
  /** `media` of the device, beside that of the account. */
  readonly media?: JsonObject;
  /** Where a 3xx may send us: hosts; undefined: nowhere. */
  readonly mayRedirect?: (host: string) => boolean;
  /** A telephone of the account, registered by its password: it may transfer. */
  readonly isOurPhone?: true;
  /** The trunk that it leads through. */
  readonly trunk?: TrunkId;
  /** What tells how it went, such as the trunk that counts its failures. */
  readonly tell?: (outcome: 'answered' | 'unreachable') => void;
}
