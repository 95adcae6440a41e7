export { words } from '../en-us/words.ts';
