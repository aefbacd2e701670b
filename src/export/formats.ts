import type { FormatName, WriteFormat } from './format.js'

/** How each format is written; its libraries are loaded only then. */
export const writeFormat: Record<FormatName, WriteFormat> = {
  parquet: async (job, desk) => (await import('./parquet-format.js')).writeParquet(job, desk),
  sqlite: async (job, desk) => (await import('./sqlite-format.js')).writeSqlite(job, desk),
  csv: async (job, desk) => (await import('./csv-format.js')).writeCsv(job, desk),
  ndjson: async (job, desk) => (await import('./ndjson-format.js')).writeNdjson(job, desk),
  arrow: async (job, desk) => (await import('./arrow-format.js')).writeArrow(job, desk),
  edges: async (job, desk) => (await import('./graph/edges-format.js')).writeEdges(job, desk),
  graphml: async (job, desk) => (await import('./graph/graphml-format.js')).writeGraphml(job, desk),
  threads: async (job, desk) =>
    (await import('./threads/threads-format.js')).writeThreads(job, desk),
  warc: async (job, desk) => (await import('./warc/warc-format.js')).writeWarc(job, desk),
  wacz: async (job, desk) => (await import('./warc/wacz-format.js')).writeWacz(job, desk),
}
