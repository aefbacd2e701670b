import { fieldsOf, readFields } from './fields.js'
import { isGenerationId, isTaskId } from './ids.js'
import type { PageReader } from './page.js'
import { readAssetUrls } from './read-assets.js'
import { isWire, Reading, under, type Path, type Wire } from './reading.js'
import type { Value } from './table.js'

const exportFields = fieldsOf('generations', {
  task_id: ['text'],
  width: ['count'],
  height: ['count'],
  title: ['text'],
  prompt: ['text'],
})

/** True for a row of `generations.json`: unlike a draft it names neither kind nor configuration. */
export const isExported = (item: unknown): item is Wire =>
  isWire(item) &&
  isGenerationId(item['id']) &&
  'url' in item &&
  !('kind' in item) &&
  !('creation_config' in item) &&
  (isTaskId(item['task_id']) || 'prompt' in item)

/** Reads `generations.json` of the official export: a bare array, a row a generation. */
export const readExport: PageReader = (data) => {
  const reading = new Reading()
  if (!Array.isArray(data)) reading.note(null, 'expected a list of generations', data)
  else data.forEach((item: unknown, index) => readExported(reading, item, under(null, index)))
  return reading.toPage()
}

function readExported(reading: Reading, item: unknown, path: Path): void {
  if (!isWire(item)) return reading.note(path, 'expected a generation', item)
  const { id } = item
  if (!isGenerationId(id))
    return reading.note(under(path, 'id'), 'expected the id of a generation', id)
  const values: Record<string, Value> = { generation_id: id }
  readFields(reading, { object: item, path, isFull: false }, exportFields, values)
  reading.tell('generations', values)
  const owner = { owner_kind: 'generation', owner_id: id } as const
  readAssetUrls(reading, owner, { object: item, path }, { url: 'url' })
}
