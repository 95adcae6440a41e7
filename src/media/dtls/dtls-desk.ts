import type { Alarm, Clock } from '../../base/index.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import { Association } from './association.ts';
import type { DtlsOrder, DtlsReport, Identity } from './messages.ts';

/** A handshake that has come to nothing for so long is forgotten, ms; its thread has told so before. */
const FORGOTTEN = 40_000;

/** A way to one media thread. */
export interface Line {
  report(report: DtlsReport): void;
}

interface Held {
  readonly association: Association;
  line: Line;
  readonly alarm: Alarm;
  /** Keys or failure, for a thread that takes the leg over. */
  outcome: DtlsReport | undefined;
}

/** All DTLS associations of an engine. Knows no leg: what comes with an id is that association's. */
export class DtlsDesk {
  readonly #clock: Clock;
  readonly #identity: Identity;
  readonly #admission: Admission;
  readonly #held = new Map<string, Held>();

  constructor({ clock, identity, limits }: { readonly clock: Clock; readonly identity: Identity; readonly limits?: AdmissionLimits }) {
    this.#clock = clock;
    this.#identity = identity;
    this.#admission = new Admission(clock.now(), limits);
  }

  /** Associations that are there. */
  get size(): number {
    return this.#held.size;
  }

  obey(line: Line, order: DtlsOrder): void {
    const held = this.#held.get(order.id);
    if (order.do === 'begin') this.#begin(line, order);
    else if (order.do === 'datagram') held?.association.take(order.bytes);
    else if (order.do === 'end') this.#end(order.id);
    else if (held === undefined) line.report({ say: 'later', id: order.id });
    else {
      held.line = line;
      if (held.outcome !== undefined) line.report(held.outcome);
    }
  }

  /** The thread is gone, and with it its legs. */
  leave(line: Line): void {
    for (const [id, held] of [...this.#held]) if (held.line === line) this.#end(id);
  }

  close(): void {
    for (const id of [...this.#held.keys()]) this.#end(id);
  }

  #begin(line: Line, { id, address, fingerprints }: Extract<DtlsOrder, { do: 'begin' }>): void {
    if (!this.#admission.admits(address, this.#clock.now())) {
      line.report({ say: 'later', id });
      return;
    }
    const settle = (outcome: DtlsReport): void => {
      held.outcome = outcome;
      held.alarm.cancel();
      held.line.report(outcome);
      if (outcome.say === 'failed') this.#held.delete(id);
    };
    const association = new Association({
      identity: this.#identity,
      fingerprints,
      events: {
        onDatagram: (bytes) => held.line.report({ say: 'datagram', id, bytes }),
        onKeys: (keys) => settle({ say: 'keys', id, ...keys }),
        onFailed: (why) => settle({ say: 'failed', id, why }),
        onClosed: () => held.line.report({ say: 'closed', id }),
      },
    });
    const alarm = this.#clock.wake(this.#clock.now() + FORGOTTEN, () => this.#end(id));
    const held: Held = { association, line, alarm, outcome: undefined };
    this.#held.set(id, held);
  }

  #end(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    held.alarm.cancel();
    held.association.close();
  }
}
