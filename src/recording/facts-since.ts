import { Failure } from '../base/index.ts';
import type { Execute, Fact, FactsPage, RoomOf } from '../conference/index.ts';
import type { Finished } from './writing/finish.ts';

const PAGE = 1000;

/** Facts since the recording began; what is forgotten already is not in the manifest. */
export async function factsSince(execute: Execute, { account, conference }: RoomOf, { lines }: Finished): Promise<readonly Fact[]> {
  const facts: Fact[] = [];
  let after = lines.find((line) => line.do === 'present')?.sequence;
  if (after === undefined) return facts;
  try {
    for (;;) {
      const page: FactsPage = await execute('conference.facts', { conference, after, limit: PAGE }, { account, kind: 'system' });
      facts.push(...page.facts);
      after = page.facts.at(-1)?.sequence;
      if (!page.more || after === undefined) return facts;
    }
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'not-found') throw error;
    return facts;
  }
}
