import { fieldsOf, readFields } from './fields.js'
import { isPostId } from './ids.js'
import type { PageReader } from './page.js'
import { readAssetUrls } from './read-assets.js'
import { attachmentIdOf } from './read-attachments.js'
import { readProfile } from './read-profile.js'
import { isWire, Reading, under, type Placed } from './reading.js'
import type { Value } from './table.js'

const recordFields = fieldsOf('posts', {
  text: ['text', 'title'],
  permalink: ['text'],
  posted_at: ['time', 'created_at'],
})

const statFields = fieldsOf('posts', {
  like_count: ['count'],
  view_count: ['count'],
  reply_count: ['count', 'comment_count'],
  remix_count: ['count'],
})

const sizeFields = fieldsOf('attachments', { width: ['count'], height: ['count'] })

/** Reads TikHub's own flat record of a post (`data-shapes` 3.17); its names are aliases. */
export const readDownloadInfo: PageReader = (data) => {
  const reading = new Reading()
  const id = isWire(data) ? data['post_id'] : undefined
  if (!isWire(data) || !isPostId(id)) {
    reading.note(under(null, 'post_id'), 'expected the id of a post', id ?? data)
    return reading.toPage()
  }
  reading.aboutId = id
  const source = { object: data, path: null }
  const values: Record<string, Value> = { post_id: id }
  readFields(reading, { ...source, isFull: false }, recordFields, values)
  const stats = reading.objectUnder(source, 'stats', 'expected counters')
  if (stats !== null) readFields(reading, { ...stats, isFull: false }, statFields, values)
  const author = readProfile(reading, data['author'], under(null, 'author'))
  if (author !== null) values['author_id'] = author
  reading.tell('posts', values, true)
  const video = reading.objectUnder(source, 'video', 'expected a video')
  if (video !== null) readVideo(reading, id, video)
  return reading.toPage()
}

function readVideo(reading: Reading, postId: string, video: Placed): void {
  const owner = { owner_kind: 'post', owner_id: postId } as const
  readAssetUrls(reading, owner, video, {
    no_watermark: 'no_watermark',
    watermark: 'watermark',
    thumbnail: 'thumbnail',
    preview_gif: 'preview_gif',
    medium_quality: 'medium_quality',
  })
  const size: Record<string, Value> = {}
  readFields(reading, { ...video, isFull: false }, sizeFields, size)
  const attachment_id = attachmentIdOf(postId, 0)
  reading.tell('attachments', { attachment_id, ...owner, position: 0, ...size }, true)
}
