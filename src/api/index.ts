export { openApi } from './open-api.ts';
export type { Api, ApiOptions, TokenKey } from './options.ts';
