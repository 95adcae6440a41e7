import { Phone } from './phone.ts';

/** A telephone in a process of its own, so that it can be killed: calls a number, says `up` when it is in, and talks until its process ends. */
const [server = '', number = '', user = 'Lone'] = process.argv.slice(2);
const phone = await Phone.open({ server, user });
await phone.call(number);
process.stdout.write('up\n');
