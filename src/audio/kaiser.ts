/** How far down a filter under Kaiser's window is where it stops, dB. */
export const STOP_DB = 60;
/** The window's shape for that (Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.5.3). */
const SHAPE = 5.65;

/** Kaiser's window at a share of the way from its middle, 1, to its end. */
export const kaiser = (share: number): number => bessel(SHAPE * Math.sqrt(1 - share ** 2)) / bessel(SHAPE);

/** Modified Bessel function of the first kind, order 0. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let n = 1; term > sum * 1e-12; n++) {
    term *= (x / (2 * n)) ** 2;
    sum += term;
  }
  return sum;
}
