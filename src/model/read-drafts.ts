import { fieldsOf, readFields } from './fields.js'
import { isGenerationId, isPostId } from './ids.js'
import type { PageReader } from './page.js'
import { readVideoAssets } from './read-assets.js'
import { readCameos } from './read-cameos.js'
import { findList, toStretch } from './read-list.js'
import { tellEdge } from './read-parents.js'
import { readWrapped } from './read-post.js'
import { readStyle } from './read-style.js'
import { isWire, Reading, type Path, type Placed, type Wire, under } from './reading.js'
import type { Value } from './table.js'

const draftFields = fieldsOf('generations', {
  kind: ['text'],
  task_id: ['text'],
  generation_type: ['text'],
  prompt: ['text'],
  title: ['text'],
  width: ['count'],
  height: ['count'],
  duration_s: ['real'],
  created_at: ['time'],
  reason: ['text'],
  reason_str: ['text'],
  error_reason: ['text'],
  storyboard_id: ['text'],
  tags: ['texts'],
  assets: ['texts'],
})

const creationFields = fieldsOf('generations', {
  n_frames: ['count'],
  orientation: ['text'],
})

const nestingLimit = 4

/** The groups of variants around a draft: the nearest, and how many. */
interface Groups {
  nearest: string | null
  count: number
}

const noGroup: Groups = { nearest: null, count: 0 }

/** Reads a page of drafts as the app gets it (`profile/drafts/v2`, `data-shapes` 3.15). */
export const readDrafts: PageReader = (data) => {
  const reading = new Reading()
  const found = findList(reading, data, [['items']])
  const itemIds = found.items.flatMap(
    (item, index) => readDraft(reading, item, under(found.path, index)) ?? [],
  )
  reading.listing = toStretch(itemIds, found)
  return reading.toPage()
}

/**
 * Reads one draft of any kind: finished, refused, failed, a group of variants, or a storyboard.
 * @returns its id; NULL if it is none, the anomaly is noted
 */
export function readDraft(
  reading: Reading,
  draft: unknown,
  path: Path,
  groups = noGroup,
): string | null {
  if (!isWire(draft)) {
    reading.note(path, 'expected a draft', draft)
    return null
  }
  const id = [draft['generation_id'], draft['id']].find(isGenerationId)
  if (id === undefined) {
    reading.note(under(path, 'id'), 'expected the id of a draft', draft['id'])
    return null
  }
  const values: Record<string, Value> = { generation_id: id }
  readFields(reading, { object: draft, path, isFull: true }, draftFields, values)
  if (values['kind'] === undefined && 'timeline' in draft) values['kind'] = 'storyboard'
  if (groups.nearest !== null) values['group_id'] = groups.nearest
  readCreation(reading, draft, path, values)
  readPublished(reading, draft, path, values)
  reading.tell('generations', values)
  readVideoAssets(reading, { owner_kind: 'generation', owner_id: id }, { object: draft, path })
  readVariants(reading, { object: draft, path }, { nearest: id, count: groups.count + 1 })
  return id
}

/** `creation_config`: how it was asked for, who is cast, what it remixes (3.16). */
function readCreation(
  reading: Reading,
  draft: Wire,
  path: Path,
  values: Record<string, Value>,
): void {
  const problem = 'expected a creation_config'
  const creation = reading.objectUnder({ object: draft, path }, 'creation_config', problem)
  if (creation === null) return
  readFields(reading, { ...creation, isFull: true }, creationFields, values)
  readStyle(reading, creation, values)
  const owner = { owner_kind: 'generation', owner_id: String(values['generation_id']) } as const
  readCameos(reading, owner, creation)
  const target = creation.object['remix_target_post']
  if (target === null) values['remix_target_post_id'] = null
  if (target === null || target === undefined) return
  const read = readWrapped(reading, target, under(creation.path, 'remix_target_post'))
  if (read !== null) values['remix_target_post_id'] = read.id
}

/** `post`: the post that the draft became; with it a remix target becomes an edge. */
function readPublished(
  reading: Reading,
  draft: Wire,
  path: Path,
  values: Record<string, Value>,
): void {
  const post = draft['post']
  if (post === null) values['post_id'] = null
  if (post === null || post === undefined) return
  const read = readWrapped(reading, post, under(path, 'post'))
  if (read === null) return
  values['post_id'] = read.id
  const target = values['remix_target_post_id']
  if (isPostId(target) && isPostId(read.id)) tellEdge(reading, target, read.id, 'draft')
}

/** `drafts`: the variants of one prompt (`sora_paragen`). */
function readVariants(reading: Reading, group: Placed, groups: Groups): void {
  const variants = reading.itemsUnder(group, 'drafts', 'expected a list of drafts')
  if (variants.length > 0 && groups.count > nestingLimit)
    return reading.note(under(group.path, 'drafts'), 'nested too deep to be read', undefined)
  for (const { item, path } of variants) readDraft(reading, item, path, groups)
}
