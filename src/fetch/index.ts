export type { Answer, Asked, Asking, Fetch, FetchOptions, Lookup, Posted, Posting, Unanswered } from './fetch-types.ts';
