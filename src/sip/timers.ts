/** The round-trip estimate, ms, RFC 3261 §17.1.1.1. */
export const T1 = 500;
/** The longest wait between resends of non-INVITE requests and of INVITE responses, ms. */
export const T2 = 4_000;
/** How long a message may stay in the network, ms. */
export const T4 = 5_000;
/** When a transaction gives up, ms: timers B, F, H, L and M. */
export const transactionTimeout = 64 * T1;

/** What a transaction must know about its transport. */
export interface TransportKind {
  /** True for TCP and TLS: nothing is resent, nothing is waited for. */
  readonly reliable: boolean;
}
