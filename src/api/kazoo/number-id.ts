export { numberIdOf } from '../number-id.ts';
