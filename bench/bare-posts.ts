/** The bare library: undici posts the same body to everybody, over as many connections to each as we have, as fast as they answer. */
import { Agent, request } from 'undici';

/** Connections to one receiver: as many as `fetch` opens. */
const CONNECTIONS = 8;
/** Requests at once, to whomever: as many as `webhooks` sends. */
const AT_ONCE = 32;

const agent = new Agent({ connections: CONNECTIONS, pipelining: 1 });
const headers = { 'content-type': 'application/json', 'webhook-id': `msg_${'0'.repeat(32)}`, 'user-agent': 'bare' };

async function post(url: string, body: string): Promise<void> {
  for (;;) {
    const answer = await request(url, { dispatcher: agent, method: 'POST', headers, body });
    await answer.body.dump();
  }
}

process.on('message', ({ urls, bytes }: { urls: readonly string[]; bytes: number }) => {
  const body = 'x'.repeat(bytes);
  const runners = Math.min(AT_ONCE, urls.length * CONNECTIONS);
  for (let n = 0; n < runners; n++) void post(urls[n % urls.length]!, body).catch(() => process.exit());
});
process.on('disconnect', () => process.exit());
