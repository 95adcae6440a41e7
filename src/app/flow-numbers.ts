import { type AccountDocument, type AccountId, type Accounts, type Documents, openDocuments } from '../accounts/index.ts';
import { type Chance, type Clock, dashed, isObject, undashed } from '../base/index.ts';
import { checkActions, type FlowPlan, type Numbers } from '../conference/index.ts';

import type { AllStores } from '../store/index.ts';
import { callflowNumbers } from './callflow-numbers.ts';

/** Longer numbers are none. */
const LONGEST = 64;

const planOf = ({ id, document }: AccountDocument): FlowPlan => {
  const next = document['on_complete_flow_id'];
  const behind = typeof next === 'string' && !/^[0-]*$/.test(next) ? { onComplete: undashed(next) } : {};
  return { actions: checkActions(document['actions'], 'action'), flow: dashed(id), ...behind };
};

/** What rings where the dialled user is a telephone of the account. */
const ringing = (extension: string): FlowPlan => ({
  actions: [{ id: 'ring', type: 'connect', option: { destinations: [extension], timeout: 60_000, ends_when_answered: true } }],
});

/**
 * What accounts have put on numbers, in the order of the rulings ("Whose call is it"): extension or device, callflow (`callflows`), VoIPBIN number; also the
 * direct hash of a flow.
 */
export function flowNumbers(
  documents: Pick<Documents, 'find' | 'holder'>,
  { accounts, callflows }: { readonly accounts: Pick<Accounts, 'device'>; readonly callflows: Numbers },
): Numbers {
  const flow: Numbers['flow'] = async (account, id) => {
    const found = await documents.find({ account, kind: 'flow', id: undashed(id) as AccountDocument['id'] });
    return found === undefined ? callflows.flow(account, id) : planOf(found);
  };
  const byNumber = async (account: AccountId, text: string): Promise<FlowPlan | undefined> => {
    const bare = text.replace(/^\+/, '');
    for (const each of [`+${bare}`, bare]) {
      const kept = (await documents.holder({ account, kind: 'number' }, each))?.document['pvt_voipbin'] ?? null;
      const id = isObject(kept) ? kept['call_flow_id'] : undefined;
      const found = typeof id === 'string' ? await flow(account, id) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const byHash = async (account: AccountId, text: string): Promise<FlowPlan | undefined> => {
    const found = text.startsWith('direct.') ? await documents.holder({ account, kind: 'flow' }, text) : undefined;
    return found && planOf(found);
  };
  return {
    flow,
    isAccessNumber: callflows.isAccessNumber,
    async find(account, dialled) {
      const { dialled: text } = dialled;
      if (text.length > LONGEST) return undefined;
      if (text !== '' && (await accounts.device(account, text)) !== undefined) return ringing(text);
      return (await callflows.find(account, dialled)) ?? (await byNumber(account, text)) ?? (await byHash(account, text));
    },
  };
}

/** The same over the store. */
export function openNumbers({ store, accounts, clock, chance }: NumbersNeeds): Numbers {
  const documents = openDocuments({ store: store.documents, clock, chance });
  return flowNumbers(documents, { accounts, callflows: callflowNumbers(documents) });
}

interface NumbersNeeds {
  readonly store: Pick<AllStores, 'documents'>;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly chance: Chance;
}
