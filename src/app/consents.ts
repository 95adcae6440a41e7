import type { CallHistory, Cdr, CdrConsent, Events, Fact, ParticipantId, RecordingId } from '../conference/index.ts';

/** People whose records are awaited at most; of more the first are forgotten. */
const MOST = 20_000;

/** What people say to being recorded, until the records of their calls are kept: then it stands there. */
export class Consents {
  readonly #said = new Map<ParticipantId, Map<RecordingId, CdrConsent['state']>>();

  /** Events as they are published, heard on their way. */
  telling(events: Events): Events {
    return {
      publish: (facts) => {
        for (const each of facts) this.#hear(each);
        events.publish(facts);
      },
      signal: (signal) => events.signal(signal),
    };
  }

  /** Records as they are kept, with what was said. */
  keeping(history: CallHistory): CallHistory {
    return {
      add: async (cdr) => {
        await history.add(this.#with(cdr));
        if (cdr.participant !== undefined) this.#said.delete(cdr.participant);
      },
      list: (query) => history.list(query),
      cdr: (account, id) => history.cdr(account, id),
      secondsSince: (account, since) => history.secondsSince(account, since),
    };
  }

  #hear(fact: Fact): void {
    if (fact.type === 'consent.asked') this.#note(fact.participant, fact.recording, 'asked');
    else if (fact.type === 'consent.given') this.#note(fact.participant, fact.recording, 'given');
    else if (fact.type === 'consent.refused') this.#note(fact.participant, fact.recording, 'refused');
    // Who was cut off by a crash said it to the server before.
    else if (fact.type === 'participant.left' && fact.about?.consent !== undefined) {
      const { recording, state } = fact.about.consent;
      this.#note(fact.participant, recording, state);
    }
  }

  #note(participant: ParticipantId, recording: RecordingId, state: CdrConsent['state']): void {
    const said = this.#said.get(participant) ?? new Map<RecordingId, CdrConsent['state']>();
    said.set(recording, state);
    this.#said.set(participant, said);
    const [first] = this.#said.keys();
    if (this.#said.size > MOST && first !== undefined) this.#said.delete(first);
  }

  #with(cdr: Cdr): Cdr {
    const said = cdr.participant === undefined ? undefined : this.#said.get(cdr.participant);
    return said === undefined ? cdr : { ...cdr, consents: [...said].map(([recording, state]) => ({ recording, state })) };
  }
}
