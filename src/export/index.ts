export { exportDataset, type ExportReport } from './export-dataset.js'
export type { ExportOptions, ExportSeed } from './options.js'
export {
  formatNames,
  parquetKinds,
  type ExportedFile,
  type FormatName,
  type ParquetKind,
} from './format.js'
export type { ExportProgress } from './lane.js'
export { requireEffects } from './effects.js'
export { checkOutFolder } from './out-folder.js'
export { requireUnpublished } from './published-folder.js'
export { verifyDataset, type VerifyDatasetOptions } from './verify-dataset.js'
export { PublishError } from './publish/gate.js'
