import type { Authorization, Client, Order } from 'acme-client';

/** ms between two looks at what the authority has made of a challenge or an order. */
const LOOK_EVERY = 2000;
/** Looks until the authority is taken to be stuck: five minutes. */
const LOOKS = 150;

/** What an order needs. */
export interface OrderNeeds {
  readonly client: Client;
  readonly domains: readonly string[];
  readonly email: string | undefined;
  /** The certificate signing request, PEM. */
  readonly csr: Buffer;
  /** Has the answer to a challenge served, until the returned function is called. */
  readonly serve: (token: string, answer: string) => () => void;
  readonly pause: (ms: number) => Promise<void>;
}

/** RFC 8555 §7.1: account, order, authorisations, challenges, finalize, certificate. Gives the chain in PEM. */
export async function orderCertificate(needs: OrderNeeds): Promise<string> {
  const { client, domains, email, csr } = needs;
  await client.createAccount({ termsOfServiceAgreed: true, ...(email === undefined ? {} : { contact: [`mailto:${email}`] }) });
  const order = await client.createOrder({ identifiers: domains.map((value) => ({ type: 'dns', value })) });
  await authorise(needs, order);
  await client.finalizeOrder(await settled(needs, () => client.getOrder(order), order), csr);
  const done = await settled(needs, () => client.getOrder(order), order);
  return client.getCertificate(done);
}

/** Proves that each name is ours (RFC 8555 §8.3); all challenges run at once. */
async function authorise(needs: OrderNeeds, order: Order): Promise<void> {
  const { client } = needs;
  const withdraw: (() => void)[] = [];
  try {
    for (const authorization of await client.getAuthorizations(order)) {
      if (authorization.status !== 'valid') withdraw.push(await answer(needs, authorization));
    }
    await settled(needs, async () => worst(await client.getAuthorizations(order)), order);
  } finally {
    for (const end of withdraw) end();
  }
}

async function answer({ client, serve }: OrderNeeds, { identifier, challenges }: Authorization): Promise<() => void> {
  const challenge = challenges.find(({ type }) => type === 'http-01');
  if (challenge === undefined) throw new Error(`the authority offers no challenge by HTTP for ${identifier.value}`);
  const end = serve(challenge.token, await client.getChallengeKeyAuthorization(challenge));
  await client.completeChallenge(challenge);
  return end;
}

interface Standing {
  readonly status: string;
  readonly error?: object | undefined;
}

/** What all of them together have come to: the first that failed, else the first that is not done. */
function worst(all: readonly Authorization[]): Standing {
  const failed = all.find(({ status }) => status !== 'valid' && status !== 'pending');
  if (failed === undefined) return { status: all.some(({ status }) => status === 'pending') ? 'pending' : 'valid' };
  const error = failed.challenges.map((each) => (each as { error?: object }).error).find((each) => each !== undefined);
  return { status: failed.status, error: error ?? { detail: `${failed.identifier.value} is ${failed.status}` } };
}

/** Waits until it is pending and processing no more; throws the authority's reason when it failed. */
async function settled<T extends Standing>({ pause }: OrderNeeds, look: () => Promise<T>, order: Order): Promise<T> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const seen = await look();
    if (seen.status === 'valid' || seen.status === 'ready') return seen;
    if (seen.status !== 'pending' && seen.status !== 'processing') throw new Error(reasonOf(seen));
    await pause(LOOK_EVERY);
  }
  throw new Error(`the authority did not finish the order for ${order.identifiers.map(({ value }) => value).join(', ')}`);
}

const reasonOf = ({ status, error }: Standing): string => (error as { detail?: string } | undefined)?.detail ?? `the order is ${status}`;
