import { join } from 'node:path'
import { pathsOf } from './manifest.js'
import type { PackageCheck } from './package-check.js'

const counters: Readonly<Record<string, (path: string) => Promise<number>>> = {
  warc: async (path) => (await import('./warc/count-records.js')).countWarc(path),
  wacz: async (path) => (await import('./warc/count-records.js')).countWacz(path),
}

/**
 * Checks that the files with the answers themselves can be read to their end, and hold as many records
 * as the package says.
 */
export async function checkAnswers(check: PackageCheck): Promise<void> {
  const { folder, manifest } = check
  for (const resource of manifest.resources) {
    const count = counters[resource.format]
    if (count === undefined) continue
    for (const path of pathsOf(resource)) {
      await check.pause()
      try {
        const records = await count(join(folder, path))
        if (records !== resource.rows)
          check.find('counts', `${path} holds ${records} records, not ${resource.rows}`)
      } catch (error) {
        check.findUnreadable(path, error)
      }
    }
  }
}
