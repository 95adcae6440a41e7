import type { AccountDocument, AccountId, Documents } from '../accounts/index.ts';
import type { Dialled, FlowPlan, Numbers } from '../conference/index.ts';
import { fromCallflow } from '../conference/index.ts';

/** Longer numbers are none, and patterns are not tried on them. */
const LONGEST = 64;

/** The callflows of accounts, as what their numbers mean: by the number itself, however it is spelt, else by a pattern. */
export const callflowNumbers = (documents: Pick<Documents, 'holder' | 'list'>): Numbers => ({
  async find(account, { dialled }): Promise<FlowPlan | undefined> {
    for (const each of spellings(dialled)) {
      const found = await documents.holder({ account, kind: 'callflow' }, each);
      if (found !== undefined) return fromCallflow(found.document, { dialled, callflow: found.id });
    }
    return byPattern(documents, account, { dialled });
  },
  isAccessNumber: async () => false,
  flow: async () => undefined,
});

/** As it was dialled, with `+`, and without. */
function spellings(dialled: string): readonly string[] {
  const bare = dialled.replace(/^\+/, '');
  return [...new Set([dialled, `+${bare}`, bare])];
}

const patternsOf = ({ document: { patterns } }: AccountDocument): readonly string[] =>
  Array.isArray(patterns) ? patterns.filter((each): each is string => typeof each === 'string') : [];

/** What a pattern catches first is the conference that a feature code names. */
async function byPattern(documents: Pick<Documents, 'list'>, account: AccountId, { dialled }: Dialled): Promise<FlowPlan | undefined> {
  if (dialled.length > LONGEST) return undefined;
  for (const each of await documents.list({ account, kind: 'callflow' })) {
    for (const pattern of patternsOf(each)) {
      const caught = new RegExp(pattern).exec(dialled);
      if (caught !== null)
        return fromCallflow(each.document, { dialled, callflow: each.id, ...(caught[1] === undefined ? {} : { captured: caught[1] }) });
    }
  }
  return undefined;
}
