import type { JsonObject } from '../../base/index.ts';

/** One step of a flow, as it was asked for (voipbin-facts §2.7, §4.4; KAZOO's callflow modules are turned into these). */
export interface Action {
  /** Unique in its flow; a fresh one where the client gave none. */
  readonly id: string;
  /** A name of the table of actions. */
  readonly type: string;
  readonly option: JsonObject;
  /** The action that comes next; absent: the one behind it in the list. */
  readonly nextId?: string;
}

/** Who is told of one run and of what belongs to it (voipbin-facts §6.2). */
export interface RunHook {
  readonly uri: string;
  readonly method: 'POST' | 'PUT';
}

/** What is to happen to a call in its lobby. */
export interface FlowPlan {
  readonly actions: readonly Action[];
  /** Set from the beginning; those of the call (`voipbin.call.*`) are added. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Of the prompts; absent: the account's, else `en-us`. */
  readonly language?: string;
  /** The stored flow that it was made of. */
  readonly flow?: string;
  /** The KAZOO callflow that it was made of. */
  readonly callflow?: string;
  /** A stored flow that is run when this one is over, without a call; 32 hex digits. */
  readonly onComplete?: string;
  /** Absent: nobody is told of this run alone. */
  readonly hook?: RunHook;
}
