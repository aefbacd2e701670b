/**
 * afterfeed's front door: what the commands call, for programs.
 * @packageDocumentation
 */
export {
  openArchive,
  openForReading,
  type Archive,
  type Durability,
  type OpenOptions,
} from './archive/archive.js'
export {
  backupArchive,
  type BackupOptions,
  type BackupProgress,
  type BackupReport,
} from './archive/backup.js'
export { forget, type ForgetOptions, type ForgetReport } from './archive/forget/forget.js'
export { planForget } from './archive/forget/plan.js'
export { crawl, type CrawlOptions, type CrawlProgress, type CrawlReport } from './crawl/crawl.js'
export { planCrawl, type CrawlPlan, type PlanOptions } from './crawl/dry-run.js'
export {
  importFiles,
  type BadPlace,
  type FileReport,
  type ImportLimits,
  type ImportOptions,
  type ImportProgress,
  type ImportReport,
} from './import/index.js'
export {
  saveMedia,
  type MediaOptions,
  type MediaProgress,
  type MediaReport,
  type MediaSettings,
} from './media/index.js'
export {
  exportDataset,
  verifyDataset,
  type ExportOptions,
  type ExportReport,
  type VerifyDatasetOptions,
} from './export/index.js'
export { verifyArchive, type Finding, type VerifyArchiveOptions } from './archive/verify.js'
export { openSimulator, type Simulator, type SimulatorOptions } from './simulator/index.js'
export { ArchiveError, InputError } from './model/errors.js'
export { defaultWeights, orders, type Order, type Weights } from './model/order.js'
export type { Prices, PriceTier } from './model/prices.js'
export type { WalkLimits } from './model/walk-plan.js'
export { version } from './model/version.js'
