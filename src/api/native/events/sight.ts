import type { Actor, ConferenceId, ConferenceView, Execute, Fact } from '../../../conference/index.ts';
import { problemOf } from '../problem.ts';

/** What may change who sees a conference. */
const TURNS: ReadonlySet<Fact['type']> = new Set<Fact['type']>([
  'conference.created',
  'conference.changed',
  'room.opened',
  'participant.joined',
  'participant.left',
  'participant.promoted',
]);

/** Which conferences a reader who is no admin is told of: those that he owns or moderates, as of the last look. */
export class Sight {
  readonly #execute: Execute;
  readonly #actor: Actor;
  readonly #visible = new Set<ConferenceId>();

  constructor(execute: Execute, actor: Actor) {
    this.#execute = execute;
    this.#actor = actor;
  }

  /** Looks around for the first time. */
  async begin(): Promise<void> {
    const [listed, running] = [
      await this.#execute('conference.list', {}, this.#actor),
      await this.#execute('conference.running', {}, this.#actor),
    ];
    for (const { conference } of [...listed, ...running]) this.#visible.add(conference.id);
  }

  has(conference: ConferenceId): boolean {
    return this.#visible.has(conference);
  }

  /** Whether such a fact may let a conference appear or disappear. */
  turnsWith({ type }: Pick<Fact, 'type'>): boolean {
    return TURNS.has(type);
  }

  /** Looks again; the view of one that has appeared just now. */
  async look(conference: ConferenceId): Promise<ConferenceView | undefined> {
    try {
      const view = await this.#execute('conference.read', { conference, deleted: true }, this.#actor);
      if (this.#visible.has(conference)) return undefined;
      this.#visible.add(conference);
      return view;
    } catch (error) {
      if (problemOf(error) === undefined) throw error;
      this.#visible.delete(conference);
      return undefined;
    }
  }
}
