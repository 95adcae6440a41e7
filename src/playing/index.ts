export { type MediaLibraryOptions, openMediaLibrary } from './media-library.ts';
export { type OpenPlayer, openPlayer } from './player.ts';
export type { PlayerCounts, PlayerOptions, Say } from './player-options.ts';
