import { fieldsOf, readFields } from './fields.js'
import { readAssetUrls, readVideoAssets } from './read-assets.js'
import { readStyle } from './read-style.js'
import { isWire, under, type Path, type Placed, type Reading, type Wire } from './reading.js'
import type { Value } from './table.js'

const attachmentFields = fieldsOf('attachments', {
  kind: ['text'],
  generation_id: ['text'],
  generation_type: ['text'],
  task_id: ['text'],
  width: ['count'],
  height: ['count'],
  duration_s: ['real'],
  n_frames: ['count'],
  prompt: ['text'],
  title: ['text'],
  output_blocked: ['bool'],
  has_captions: ['bool'],
  tags: ['texts'],
})

/** Whose attachments are read: a post, or a comment that carries a video. */
export interface AttachmentOwner {
  owner_kind: 'post' | 'comment'
  owner_id: string
}

/** Reads `attachments` and the caption files of a post or comment (`data-shapes` 3.4). */
export function readAttachments(reading: Reading, owner: AttachmentOwner, post: Placed): void {
  readAssetUrls(reading, owner, post, { srt_url: 'srt', vtt_url: 'vtt' })
  const problem = 'expected a list of attachments'
  for (const { item, index, path } of reading.itemsUnder(post, 'attachments', problem))
    if (isWire(item)) readAttachment(reading, owner, { attachment: item, position: index, path })
    else reading.note(path, 'expected an attachment', item)
}

function readAttachment(
  reading: Reading,
  owner: AttachmentOwner,
  { attachment, position, path }: { attachment: Wire; position: number; path: Path },
): void {
  const attachmentId = attachmentIdOf(owner.owner_id, position)
  const told = attachment['id']
  if (told !== undefined && told !== attachmentId)
    reading.note(under(path, 'id'), `expected ${attachmentId}`, told)
  const values: Record<string, Value> = { attachment_id: attachmentId, ...owner, position }
  readFields(reading, { object: attachment, path, isFull: true }, attachmentFields, values)
  readStyle(reading, { object: attachment, path }, values)
  reading.tell('attachments', values)
  readVideoAssets(reading, owner, { object: attachment, path })
}

/** The id of an attachment, which follows from its owner and its place in every known capture. */
export const attachmentIdOf = (ownerId: string, position: number): string =>
  `${ownerId}-attachment-${position}`
