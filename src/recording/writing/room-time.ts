/** ms of a frame. */
const FRAME = 20;
/** By how much the room's clock and the wall's may disagree before it is set anew, ms. */
const SLACK = 60;

/** Which frame of a recording a tick of its room is, and what time it was. Time that is not recorded takes no frames. */
export class RoomTime {
  /** Frames so far. */
  frames = 0;
  /** Frame of tick 0 of this life. */
  #origin = 0;
  /** Wall time of tick 0, epoch ms. */
  #zero = 0;
  /** The tick that is expected next. */
  next = 0;

  /** A life of the room begins with this tick. `skipped`: frames of silence before it that are recorded. */
  begin(index: number, epoch: number, skipped: number): void {
    this.frames += skipped;
    this.#zero = epoch - FRAME * index;
    this.goOn(index);
  }

  /** The next frame is this tick: time before it was not recorded. */
  goOn(index: number): void {
    this.#origin = index - this.frames;
    this.next = index;
  }

  /** Nothing waits to be read, and the last tick has just been: the wall's clock may have been set since. */
  calibrate(now: number): void {
    const zero = now - FRAME * this.next;
    if (Math.abs(zero - this.#zero) > SLACK) this.#zero = zero;
  }

  /** Epoch ms. */
  at(index: number): number {
    return this.#zero + FRAME * index;
  }

  frameOf(index: number): number {
    return index - this.#origin;
  }

  /** All of this tick was told. */
  pass(index: number): void {
    this.next = index + 1;
    this.frames = this.frameOf(index) + 1;
  }
}
