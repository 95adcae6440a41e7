import assert from 'node:assert/strict';
import type { VoipbinFault } from './voipbin-faults.ts';
import type { Answered, VoipbinHouse } from './voipbin-house.ts';
import type { VoipbinModel } from './voipbin-model.ts';
import { VoipbinShown } from './voipbin-shown.ts';

const NIL = '00000000-0000-0000-0000-000000000000';
const bare = (id: string): string => id.replaceAll('-', '');

/** Asks, and compares what is shown with what the model says. */
export class VoipbinEyes {
  readonly shown = new VoipbinShown(true);
  /** Those that were started. */
  readonly recordings: string[] = [];
  readonly #house: VoipbinHouse;
  readonly #model: VoipbinModel;
  readonly #fault: VoipbinFault | undefined;
  /** Of each conferencecall that was seen its call. */
  readonly #callOf = new Map<string, string>();

  constructor(house: VoipbinHouse, model: VoipbinModel, fault: VoipbinFault | undefined) {
    this.#house = house;
    this.#model = model;
    this.#fault = fault;
  }

  async ask(method: string, path: string, body?: unknown): Promise<Answered> {
    const answer = await this.#house.ask(method, path, body);
    assert.ok(
      answer.status < 500 && answer.status !== 429,
      `${method} ${path} was answered ${answer.status} ${JSON.stringify(answer.body)}`,
    );
    const change = answer.status === 200 && method === 'GET' ? this.#fault?.answer : undefined;
    return change === undefined ? answer : { ...answer, body: change(path, answer.body) };
  }

  /** All that is shown, once more. */
  async everything(): Promise<void> {
    await this.compare(() => 0);
    for (const id of this.#callOf.keys()) this.shown.take('conferencecall', (await this.ask('GET', `/conferencecalls/${id}`)).body);
    for (const id of this.recordings) this.shown.take('recording', (await this.ask('GET', `/recordings/${id}`)).body);
  }

  /** What is shown of a conference is what the model says. */
  async see(id: string): Promise<void> {
    const one = this.#model.conferences.get(id)!;
    const { body } = await this.ask('GET', `/conferences/${id}`);
    this.shown.take('conference', body);
    assert.equal(body.status, one.isOver ? 'terminated' : 'progressing');
    const calls: string[] = [];
    for (const person of body.conferencecall_ids as string[]) {
      const { status, body: seen } = await this.ask('GET', `/conferencecalls/${person}`);
      assert.equal(status, 200, 'who is in is found');
      this.shown.take('conferencecall', seen);
      assert.deepEqual([seen.status, seen.conference_id], ['joined', id], 'an id in conferencecall_ids is joined there');
      this.#callOf.set(person, seen.reference_id);
      calls.push(bare(seen.reference_id));
    }
    assert.deepEqual(calls.sort(), this.#model.people(id).toSorted(), 'those who are in');
    assert.equal(body.recording_id !== NIL, one.recording !== 'none', `it is ${one.recording}, and shown is ${body.recording_id}`);
    assert.equal(body.transcribe_id !== NIL, one.isTranscribed, 'it is transcribed, or not');
  }

  async compare(below: (most: number) => number): Promise<void> {
    for (const id of this.#model.conferences.keys()) await this.see(id);
    const person = [...this.#callOf.keys()][below(this.#callOf.size)];
    if (person !== undefined) this.shown.take('conferencecall', (await this.ask('GET', `/conferencecalls/${person}`)).body);
    const recording = this.recordings[below(this.recordings.length)];
    if (recording !== undefined) this.shown.take('recording', (await this.ask('GET', `/recordings/${recording}`)).body);
  }

  async lists(): Promise<void> {
    const live = [...this.#model.conferences.values()].filter(({ isOver }) => !isOver).map(({ id }) => id);
    const { body: all } = await this.ask('GET', '/conferences');
    assert.deepEqual(all.result.map(({ id }: { id: string }) => id).toSorted(), live.toSorted(), 'what is listed goes on');
    const { body: calls } = await this.ask('GET', '/calls?page_size=30');
    for (const each of calls.result) this.shown.take('call', each);
    const { body: people } = await this.ask('GET', '/conferencecalls?page_size=30');
    for (const each of people.result) this.shown.take('conferencecall', each);
    const coming = [...this.#model.calls.values()].filter((each) => each.coming !== undefined).map(({ id }) => id);
    const joining = people.result.filter(({ status }: { status: string }) => status === 'joining');
    assert.deepEqual(
      joining.map((each: { reference_id: string }) => bare(each.reference_id)).toSorted(),
      coming.toSorted(),
      'who is joining',
    );
    const { body: written } = await this.ask('GET', '/transcribes?page_size=10');
    for (const each of written.result) this.shown.take('transcribe', each);
  }
}
