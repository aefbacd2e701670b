export {
  exportDataset,
  type ExportOptions,
  type ExportProgress,
  type ExportReport,
} from './export-dataset.js'
export type { ExportedFile } from './format.js'
export { formatNames, type FormatName } from './formats.js'
