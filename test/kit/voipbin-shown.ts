import assert from 'node:assert/strict';

/** VoIPBIN's machines (voipbin-facts §2.4, §2.5, §2.6, §3): from each state, those that it may become. */
const MACHINES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  conference: {
    starting: ['progressing', 'terminating', 'terminated'],
    progressing: ['terminating', 'terminated'],
    terminating: ['terminated'],
    terminated: [],
  },
  conferencecall: { joining: ['joined', 'leaving', 'leaved'], joined: ['leaving', 'leaved'], leaving: ['leaved'], leaved: [] },
  call: {
    dialing: ['ringing', 'progressing', 'canceling', 'hangup'],
    ringing: ['progressing', 'canceling', 'hangup'],
    progressing: ['terminating', 'hangup'],
    canceling: ['hangup'],
    terminating: ['hangup'],
    hangup: [],
  },
  recording: {
    initiating: ['recording', 'stopping', 'ended'],
    recording: ['stopping', 'ended'],
    stopping: ['ended'],
    ended: [],
  },
  transcribe: { progressing: ['done'], done: [] },
};

/** What never changes of a thing that is shown. */
const FIXED = ['id', 'customer_id', 'conference_id', 'reference_type', 'reference_id', 'type', 'direction', 'tm_create'];
/** Histories, which never shrink. */
const GROWING = ['recording_ids', 'transcribe_ids'];
/** Times that are set once. */
const ONCE = ['tm_end', 'tm_delete', 'tm_progressing', 'tm_hangup', 'tm_ringing'];
const NEVER = '9999-01-01 00:00:00.000000';

// biome-ignore lint/suspicious/noExplicitAny: an answer as it came.
type Body = any;

/** What somebody was shown of things, in order: states go their machine's way, and what is fixed stays. */
export class VoipbinShown {
  readonly #last = new Map<string, Body>();
  readonly #skips: boolean;

  /** `skips`: who looks now and then does not see every state. */
  constructor(skips: boolean) {
    this.#skips = skips;
  }

  #leads(machine: Readonly<Record<string, readonly string[]>>, from: string, to: string): boolean {
    const next = machine[from] ?? [];
    return next.includes(to) || (this.#skips && next.some((each) => this.#leads(machine, each, to)));
  }

  take(kind: string, body: Body): void {
    const machine = MACHINES[kind];
    assert.ok(machine, kind);
    const { id, status } = body;
    assert.ok(Object.hasOwn(machine, status), `${status} is no state of a ${kind}`);
    const before = this.#last.get(`${kind} ${id}`);
    this.#last.set(`${kind} ${id}`, body);
    if (before === undefined) return;
    assert.ok(
      before.status === status || this.#leads(machine, before.status, status),
      `the ${kind} ${id} went from ${before.status} to ${status}`,
    );
    for (const key of FIXED) assert.equal(body[key], before[key], `${key} of the ${kind} ${id} changed`);
    for (const key of GROWING) for (const each of before[key] ?? []) assert.ok(body[key].includes(each), `${key} of ${id} lost ${each}`);
    for (const key of ONCE) if ((before[key] ?? NEVER) !== NEVER) assert.equal(body[key], before[key], `${key} of ${id} changed`);
  }
}
