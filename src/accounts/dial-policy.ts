/** Where an account's calls may go; what is absent is as the server's settings say. */
export interface DialPolicy {
  /** Whether anybody may dial out at all. */
  readonly enabled?: boolean;
  /** Outgoing calls at once. */
  readonly concurrent?: number;
  /** Outgoing calls in any 60 minutes. */
  readonly perHour?: number;
  /** What numbers may begin with, in E.164; absent: anything. */
  readonly prefixes?: readonly string[];
  /** Hosts of SIP URIs, `*.example.org` for all below; absent: anything. */
  readonly domains?: readonly string[];
}
