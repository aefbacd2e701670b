export { importFiles, type ImportOptions, type ImportProgress } from './import-files.js'
export { type ImportLimits } from './piece.js'
export { type BadPlace, type FileReport, type ImportReport } from './report.js'
