export { importFiles, type BadFile, type ImportOptions, type ImportReport } from './import-files.js'
