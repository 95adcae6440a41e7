export { type Capacity, type CapacityOutcome, type CapacityTask, keepCapacity } from './capacity.ts';
export { type Config, loadConfig } from './config.ts';
export {
  dueSteps,
  type Exported,
  type ExportWishes,
  exportFile,
  type Imported,
  type ImportWishes,
  importFile,
  migrateSchema,
  type Progress,
  placeOf,
  type Step,
} from './database.ts';
export { run } from './run.ts';
export type { Setting } from './setting.ts';
export { exampleFile, settingsTable } from './settings.ts';
export { version } from './version.ts';
