import { fieldsOf, readFields } from './fields.js'
import { isTaskId } from './ids.js'
import type { PageReader } from './page.js'
import { readDraft } from './read-drafts.js'
import { readWrapped } from './read-post.js'
import { readProfile } from './read-profile.js'
import { isWire, Reading, type Path, type Placed, under } from './reading.js'
import type { Value } from './table.js'

const taskFields = fieldsOf('tasks', {
  status: ['text'],
  prompt: ['text'],
  title: ['text'],
  progress_pct: ['real'],
  failure_reason: ['text'],
  task_type: ['text'],
})

/** Reads the state of one task and what it generated so far (`data-shapes` 3.17). */
export const readTaskStatus: PageReader = (data) => {
  const reading = new Reading()
  reading.aboutId = readTask(reading, data, null)
  return reading.toPage()
}

/** Reads the app's list of pending tasks: a bare array (3.17). */
export const readPendingTasks: PageReader = (data) => {
  const reading = new Reading()
  if (!Array.isArray(data)) reading.note(null, 'expected a list of tasks', data)
  else data.forEach((task: unknown, index) => readTask(reading, task, under(null, index)))
  return reading.toPage()
}

function readTask(reading: Reading, task: unknown, path: Path): string | null {
  if (!isWire(task)) {
    reading.note(path, 'expected a task', task)
    return null
  }
  const id = task['id']
  if (!isTaskId(id)) {
    reading.note(under(path, 'id'), 'expected the id of a task', id)
    return null
  }
  const values: Record<string, Value> = { task_id: id }
  readFields(reading, { object: task, path, isFull: true }, taskFields, values)
  reading.tell('tasks', values)
  const told = { object: task, path }
  readAskedFor(reading, told)
  for (const each of reading.itemsUnder(told, 'generations', 'expected a list of drafts'))
    readDraft(reading, each.item, each.path)
  return id
}

/** The people whom `creation_config` casts, and the post that is to be remixed (3.16), for their own sake. */
function readAskedFor(reading: Reading, task: Placed): void {
  const creation = reading.objectUnder(task, 'creation_config', 'expected a creation_config')
  if (creation === null) return
  const problem = 'expected a list of profiles'
  for (const each of reading.itemsUnder(creation, 'cameo_profiles', problem))
    readProfile(reading, each.item, each.path)
  const target = creation.object['remix_target_post'] ?? null
  if (target !== null) readWrapped(reading, target, under(creation.path, 'remix_target_post'))
}

/** Reads the post of a finished task; it names no author (3.17). */
export const readTaskDetail: PageReader = (data) => {
  const reading = new Reading()
  const read = readWrapped(reading, data, null)
  if (read !== null) {
    reading.subjects.push({ kind: read.kind, id: read.id })
    reading.aboutId = read.id
  }
  return reading.toPage()
}
