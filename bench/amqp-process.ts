/** The measured process of amqp.ts: publishes for so many seconds, with so many unconfirmed at once. */
import { connect } from 'amqplib';
import { noLog, SystemChance, SystemClock } from '../src/base/index.ts';
import { openAmqp } from '../src/bus/index.ts';
import { BYTES, IN_FLIGHT } from './amqp.ts';

const [mode, url = '', seconds] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const EXCHANGE = 'bench';
const KEY = 'conference.event.bench';
const body = Buffer.alloc(BYTES, 120);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** As many runners as there may be unconfirmed messages, each one message after the other. */
async function perSecond(publish: () => Promise<unknown>): Promise<number> {
  let [count, isOver] = [0, false];
  const runner = async (): Promise<void> => {
    while (!isOver) {
      await publish();
      count += 1;
    }
  };
  const runners = Array.from({ length: IN_FLIGHT }, runner);
  await wait(1000);
  count = 0;
  const began = performance.now();
  await wait(seconds * 1000);
  const rate = (count * 1000) / (performance.now() - began);
  isOver = true;
  await Promise.all(runners);
  return rate;
}

async function ours(): Promise<number> {
  const exchanges = [{ name: EXCHANGE, type: 'topic', durable: true }] as const;
  const amqp = openAmqp({ url, clock: new SystemClock(), chance: new SystemChance(), log: noLog, exchanges, inFlight: IN_FLIGHT });
  while (!amqp.counts().connected) await wait(20);
  const rate = await perSecond(() => amqp.publish({ exchange: EXCHANGE, key: KEY, body, properties: { contentType: 'application/json' } }));
  await amqp.close();
  return rate;
}

async function bare(): Promise<number> {
  const model = await connect(url);
  const channel = await model.createConfirmChannel();
  await channel.assertExchange(EXCHANGE, 'topic', { durable: true });
  const options = { persistent: true, contentType: 'application/json' };
  const publish = (): Promise<void> =>
    new Promise((resolve, reject) => {
      channel.publish(EXCHANGE, KEY, body, options, (error) => (error === null || error === undefined ? resolve() : reject(error)));
    });
  const rate = await perSecond(publish);
  await model.close();
  return rate;
}

const rate = await (mode === 'ours' ? ours() : bare());
process.send?.({ perSecond: rate }, () => process.disconnect());
