import { isoTime, readTime } from '../base/index.ts';

/** When the calendar month of that moment began, UTC, epoch ms. */
export const monthOf = (epoch: number): number => readTime(`${isoTime(epoch).slice(0, 7)}-01T00:00:00Z`) ?? 0;
