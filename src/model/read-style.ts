import { toCell } from './fields.js'
import { isForgottenMark } from './forgotten-mark.js'
import { isWire, type Path, type Reading, type Wire, under } from './reading.js'
import type { Value } from './table.js'

/** Reads `style`, a word or an object that tells its `id` (`data-shapes` 3.16), into the column `style`. */
export function readStyle(
  reading: Reading,
  { object, path }: { object: Wire; path: Path },
  values: Record<string, Value>,
): void {
  const came = object['style']
  const told = isWire(came) ? (came['id'] ?? null) : came
  if (told === undefined || isForgottenMark(told)) return
  const cell = told === null ? ({ ok: true, value: null } as const) : toCell(told, 'text')
  if (cell.ok) values['style'] = cell.value
  else reading.note(under(path, 'style'), cell.problem, came)
}
