/** Why somebody does not get in. */
export type Obstacle = 'unknown' | 'pin' | 'wrongPin' | 'lockedOut' | 'closed' | 'locked' | 'admission' | 'notNow';

/** What a chat is told. The commands are English in every language. */
export interface Words extends Readonly<Record<Obstacle, string>> {
  readonly help: string;
  readonly onlyText: string;
  readonly tooLong: string;
  readonly nowhere: string;
  readonly unheard: string;
  readonly left: string;
  readonly removed: string;
  readonly alone: string;
  readonly over: string;
  readonly nobodyElse: string;
  /** Name of the conference; empty: it has none. */
  readonly isIn: (name: string) => string;
  readonly hasJoined: (name: string) => string;
  readonly hasLeft: (name: string) => string;
}
