/** A call as the model has it. */
interface ModelCall {
  readonly id: string;
  /** It came straight into a conference, and is over when it is out of it; else its flow goes on. */
  readonly direct: boolean;
  up: boolean;
  /** The conference that it is in. */
  inside: string | undefined;
  /** The one that it is on its way into, and when it comes in (ms). */
  coming: { readonly conference: string; readonly due: number } | undefined;
}

interface ModelConference {
  readonly id: string;
  readonly isConnect: boolean;
  /** ms that those who come in by a flow wait before. */
  readonly wait: number;
  readonly madeAt: number;
  endsAt: number | undefined;
  isOver: boolean;
  recording: 'none' | 'awaited' | 'running';
  isTranscribed: boolean;
}

/** What the documents say becomes of conferences and calls (voipbin-facts §3), written anew and as simply as can be: it shares nothing with the server. */
export class VoipbinModel {
  readonly conferences = new Map<string, ModelConference>();
  readonly calls = new Map<string, ModelCall>();

  make(id: string, of: { readonly type: string; readonly timeout: number; readonly wait: number; readonly at: number }): void {
    const { type, timeout, wait, at } = of;
    const endsAt = timeout === 0 ? undefined : at + timeout * 1000;
    const rest = { isOver: false, recording: 'none', isTranscribed: false } as const;
    this.conferences.set(id, { id, isConnect: type === 'connect', wait, madeAt: at, endsAt, ...rest });
  }

  /** Counted from creation, also where it is changed. */
  retime(id: string, timeout: number): void {
    const one = this.conferences.get(id);
    if (one !== undefined) one.endsAt = timeout === 0 ? undefined : one.madeAt + timeout * 1000;
  }

  people(conference: string): readonly string[] {
    return [...this.calls.values()].filter(({ inside }) => inside === conference).map(({ id }) => id);
  }

  isFull(conference: string): boolean {
    return this.conferences.get(conference)?.isConnect === true && this.people(conference).length >= 2;
  }

  /** Somebody is there; he is not in anything yet. */
  comes(id: string, direct: boolean): void {
    this.calls.set(id, { id, direct, up: true, inside: undefined, coming: undefined });
  }

  /** His flow wants him there. */
  sets(id: string, conference: string, now: number): void {
    const [call, target] = [this.calls.get(id), this.conferences.get(conference)];
    if (call === undefined || target === undefined) return;
    if (target.isOver) this.gone(id);
    else if (target.wait === 0) this.enters(id, conference);
    else call.coming = { conference, due: now + target.wait };
  }

  enters(id: string, conference: string): void {
    const [call, target] = [this.calls.get(id), this.conferences.get(conference)];
    if (call === undefined || target === undefined) return;
    call.coming = undefined;
    // Who is refused goes on with what his flow has next.
    if (target.isOver || this.isFull(conference)) return;
    const isFirst = this.people(conference).length === 0;
    call.inside = conference;
    if (isFirst && target.recording === 'awaited') target.recording = 'running';
  }

  /** He is out of his conference; his call is up if a flow has it. */
  out(id: string): void {
    const call = this.calls.get(id);
    const conference = call?.inside;
    if (call === undefined || conference === undefined) return;
    const were = this.people(conference).length;
    call.inside = undefined;
    if (call.direct) this.calls.delete(id);
    const target = this.conferences.get(conference)!;
    if (target.isConnect && were === 2 && !target.isOver) this.ends(conference);
    if (this.people(conference).length > 0) return;
    if (target.recording === 'running') target.recording = 'none';
    target.isTranscribed = false;
  }

  /** His call is over. */
  gone(id: string): void {
    this.out(id);
    this.calls.delete(id);
  }

  /** DELETE, or its time has come. */
  ends(id: string): void {
    const one = this.conferences.get(id);
    if (one === undefined || one.isOver) return;
    one.isOver = true;
    one.endsAt = undefined;
    one.recording = 'none';
    for (const each of this.people(id)) this.out(each);
    for (const each of [...this.calls.values()]) if (each.coming?.conference === id) this.calls.delete(each.id);
  }

  /** When something happens next by itself. */
  get next(): number | undefined {
    const times = [
      ...[...this.conferences.values()].map(({ endsAt }) => endsAt),
      ...[...this.calls.values()].map(({ coming }) => coming?.due),
    ].filter((at) => at !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** What happens by itself at this time. */
  passes(now: number): void {
    for (const { id, endsAt } of [...this.conferences.values()]) if (endsAt !== undefined && endsAt <= now) this.ends(id);
    for (const { id, coming } of [...this.calls.values()])
      if (coming !== undefined && coming.due <= now) this.enters(id, coming.conference);
  }

  forget(id: string): void {
    this.ends(id);
    this.conferences.delete(id);
  }
}
