/**
 * Makes facts and tells webhooks of them until somebody kills it. Arguments: the file or URL of the store, the receiver's base URL, the round; round -1 makes no
 * facts, works off what is left and ends by itself. Writes `conference sequence` on standard output once a fact is acknowledged.
 */
import { writeSync } from 'node:fs';
import { factBody } from '../../src/api/native/events/event-body.ts';
import { noLog, SystemChance, SystemClock } from '../../src/base/index.ts';
import { openBus } from '../../src/bus/index.ts';
import { openFetch } from '../../src/fetch/index.ts';
import { openWebhooks } from '../../src/webhooks/index.ts';
import { A, conference, document, facts } from '../contract/examples.ts';
import { openDurable } from './durable-store.ts';
import { SeededChance } from './seeded-chance.ts';

const [where = '', receiver = '', round = '0'] = process.argv.slice(2);
const clock = new SystemClock();
const store = await openDurable(where, new SeededChance(Number(round)));
const fetch = openFetch({ clock, log: noLog, allow: ['127.0.0.1'] });
const bus = openBus({ clock, log: noLog, journal: store.journal });
const webhooks = await openWebhooks({
  clock,
  chance: new SystemChance(),
  log: noLog,
  store: store.webhooks,
  consume: (consumer) => bus.consume(consumer),
  journal: store.journal,
  post: (posting) => fetch.post(posting),
  tell: factBody,
  refuses: (url) => fetch.refuses(url),
});
if (!(await webhooks.list(A)).some(({ order }) => order === 'none')) await webhooks.create(A, { url: `${receiver}/any` });
if (!(await webhooks.list(A)).some(({ order }) => order === 'conference'))
  await webhooks.create(A, { url: `${receiver}/ordered`, order: 'conference' });
writeSync(1, 'ready 0\n');

const chance = new SeededChance(100 + Number(round));
const sequences = [0, 0, 0];
while (round !== '-1') {
  const index = Math.floor(chance.next() * 3);
  const sequence = (sequences[index] ?? 0) + 1;
  const id = `r${round}-${index}`;
  const next = conference(id, { revision: sequence, sequence, document: document([`${id}-${sequence}`]) });
  const happened = facts(next, sequence - 1, 1);
  await store.conferences.save(next, happened, 1);
  bus.publish(happened);
  sequences[index] = sequence;
  writeSync(1, `${id} ${sequence}\n`);
  // Messages must be under way, not only facts.
  await new Promise((resolve) => void setTimeout(resolve, 2 + chance.next() * 6));
}
