import type { FormatStart, FormatWriter } from './format.js'

/** Names of the formats, in the order in which they are written. */
export const formatNames = ['parquet', 'sqlite'] as const

/** Name of a format. */
export type FormatName = (typeof formatNames)[number]

/** How each format starts; its libraries are loaded only then. */
export const startFormat: Record<FormatName, (start: FormatStart) => Promise<FormatWriter>> = {
  parquet: async (start) => {
    const { startParquet } = await import('./parquet-format.js')
    return startParquet(start)
  },
  sqlite: async (start) => {
    const { startSqlite } = await import('./sqlite-format.js')
    return startSqlite(start)
  },
}
