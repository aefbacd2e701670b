import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { WriteFormat } from '../format.js'
import { writeAnswers } from './write-answers.js'

/**
 * Writes `warc/answers-00000.warc.gz`, …: WARC/1.1 (ISO 28500:2017), packed record by record as its
 * annex D recommends, so that any record can be read from its place alone.
 */
export const writeWarc: WriteFormat = async ({ tables: [calls] }, desk) => {
  const folder = join(desk.folder, 'warc')
  await mkdir(folder, { recursive: true })
  const files = await writeAnswers({ calls: calls!, folder }, desk)
  return files.map(({ name, records, bytes, sha256 }) => ({
    ...{ path: `warc/${name}`, table: null, format: 'warc' as const },
    ...{ rows: records, bytes, sha256 },
  }))
}
