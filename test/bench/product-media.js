// The product: saveMedia on an archive that names these files.
import { importFiles, saveMedia } from '../../dist/index.js'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [url, folder, count, bytes] = process.argv.slice(2)
const archiveDir = join(folder, 'archive')
const id = (n) => `s_68ef1920000081918${String(n).padStart(15, '0')}`
const items = Array.from({ length: Number(count) }, (_, n) => ({
  post: {
    ...{
      id: id(n),
      shared_by: `user-${'u'.repeat(24)}`,
      posted_at: 1760500000,
      text: '',
      source: 'sy',
    },
    attachments: [
      {
        ...{
          id: `${id(n)}-attachment-0`,
          kind: 'sora',
          generation_id: `gen_${String(n).padStart(26, '0')}`,
        },
        encodings: { source_wm: { path: `${url}/file/${n}/${bytes}`, size: Number(bytes) } },
      },
    ],
  },
  profile: { user_id: `user-${'u'.repeat(24)}`, username: 'u' },
}))
const dump = join(folder, 'feed.json')
writeFileSync(dump, JSON.stringify({ items, cursor: null }))
await importFiles({ archiveDir, files: [dump], durability: 'normal' })

const startedAt = performance.now()
const report = await saveMedia({ archiveDir, baseUrl: url, apiKey: '', durability: 'normal' })
const ms = performance.now() - startedAt
if (report.saved_files !== Number(count)) throw new Error(JSON.stringify(report))
const peakRss = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ bytes: count * bytes, ms, peakRss }))
