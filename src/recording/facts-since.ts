import { Failure } from '../base/index.ts';
import { type Execute, type Fact, factPages, type RoomOf } from '../conference/index.ts';
import type { Finished } from './writing/finish.ts';

/** Facts since the recording began; what is forgotten already is not in the manifest. */
export async function factsSince(execute: Execute, { account, conference }: RoomOf, { lines }: Finished): Promise<readonly Fact[]> {
  const facts: Fact[] = [];
  const after = lines.find((line) => line.do === 'present')?.sequence;
  if (after === undefined) return facts;
  try {
    for await (const page of factPages(execute, { conference, after }, { account, kind: 'system' })) facts.push(...page);
    return facts;
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'not-found') throw error;
    return facts;
  }
}
