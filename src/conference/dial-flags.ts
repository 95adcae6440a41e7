/** How somebody who was dialled takes part (kazoo-facts §10.4). What is left out is not so; the document's `join_muted` and `join_deaf` are not asked. */
export interface DialFlags {
  readonly muted?: boolean;
  readonly deaf?: boolean;
  /** Listed, but not counted. */
  readonly ghost?: boolean;
  /** His keys are sent on to everybody else's telephone. */
  readonly distributesDigits?: boolean;
  /** He hears no music while he is alone or waits. */
  readonly noMusic?: boolean;
  /** He is called only into a room that is open already; refused with conflict/nobody_there. */
  readonly joinExisting?: boolean;
  /** Kept and shown; there is no video. */
  readonly videoMuted?: boolean;
}
