/** Longest that one frame works on what has come, ms: a page never stands still. */
const BUDGET = 10;

/** Collects what comes and works it off in animation frames, a bounded part in each. */
export class Batch<T> {
  readonly #take: (each: T) => void;
  readonly #done: () => void;
  #waiting: T[] = [];
  #next = 0;
  #isDue = false;
  #isOver = false;

  /** `done` is called once after every part. */
  constructor(take: (each: T) => void, done: () => void) {
    this.#take = take;
    this.#done = done;
  }

  add(each: T): void {
    this.#waiting.push(each);
    if (this.#isDue) return;
    this.#isDue = true;
    // A page that nobody sees gets no frames.
    if (document.hidden) setTimeout(this.#work, 100);
    else requestAnimationFrame(this.#work);
  }

  close(): void {
    this.#isOver = true;
    this.#waiting = [];
  }

  readonly #work = (): void => {
    this.#isDue = false;
    if (this.#isOver) return;
    const until = performance.now() + BUDGET;
    while (this.#next < this.#waiting.length && performance.now() < until) this.#take(this.#waiting[this.#next++]!);
    const rest = this.#waiting.slice(this.#next);
    this.#waiting = [];
    this.#next = 0;
    this.#done();
    for (const each of rest) this.add(each);
  };
}
