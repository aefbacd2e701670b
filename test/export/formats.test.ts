import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC, type RecordBatch } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import type { ExportOptions } from '../../src/export/index.js'
import { toIsoTime } from '../../src/export/iso-time.js'
import { toSafeText } from '../../src/export/csv-format.js'
import type { Column, Value } from '../../src/model/table.js'
import { exportedColumns, exportedTables, tableOf } from '../../src/model/tables.js'
import { exportRows, heldRows, hostileRows, type Fields } from './archives.js'
import { readCsv } from './read-csv.js'

async function exported(
  rows: Record<string, Fields[]>,
  options: Omit<ExportOptions, 'archivePath' | 'outDir'>,
) {
  const { archivePath, outDir } = await exportRows(rows, options)
  return { archivePath, outDir, text: (path: string) => readFileSync(join(outDir, path), 'utf8') }
}

const everyTable = exportedTables(true)
const hostile = () =>
  Object.fromEntries(everyTable.map((each) => [each.name, hostileRows(each, 20)]))

/** A value as CSV and NDJSON promise it, the type aside. */
function toShown({ type }: Column, value: Value): string | null {
  if (value === null) return null
  if (type === 'time') return toIsoTime(value as bigint)
  if (type === 'bool') return value === 1n ? 'true' : 'false'
  if (value === Infinity) return 'INF'
  return String(value)
}

describe('every value of every table', () => {
  it('is the same in CSV, with NULL and empty text told apart', async () => {
    const { archivePath, text } = await exported(hostile(), { formats: ['csv'], withLog: true })

    for (const table of everyTable) {
      const columns = exportedColumns(table)
      const [head, ...rows] = readCsv(text(`csv/${table.name}.csv`))
      expect(head, table.name).toEqual(columns.map((each) => each.name))
      expect(rows, table.name).toEqual(
        heldRows(archivePath, table).map((row) =>
          row.map((value, place) => toShown(columns[place]!, value)),
        ),
      )
    }
  })

  it('is the same in NDJSON, one object a line, every digit kept', async () => {
    const options = { formats: ['ndjson'] as const, withLog: true }
    const { archivePath, text } = await exported(hostile(), options)

    for (const table of everyTable) {
      const columns = exportedColumns(table)
      const lines = text(`ndjson/${table.name}.ndjson`).split('\n')
      expect(lines.pop()).toBe('')
      expect(lines.join('')).not.toMatch(/[\u2028\u2029]/)
      const rows = lines.map((line) => Object.entries(readExactly(line)))
      expect(rows, table.name).toEqual(
        heldRows(archivePath, table).map((row) =>
          row.map((value, place) => [columns[place]!.name, toShown(columns[place]!, value)]),
        ),
      )
    }
  })

  it('is the same in Arrow', async () => {
    const options = { formats: ['arrow'] as const, withLog: true }
    const { archivePath, outDir } = await exported(hostile(), options)

    for (const table of everyTable) {
      const columns = exportedColumns(table)
      const read = tableFromIPC(readFileSync(join(outDir, 'arrow', `${table.name}.arrow`)))
      expect(read.schema.names, table.name).toEqual(columns.map((each) => each.name))
      expect(read.schema.fields.map((each) => each.nullable)).toEqual(
        columns.map((each) => !each.required),
      )
      const rows = Array.from({ length: read.numRows }, (_, row) =>
        columns.map((each, place) => fromArrow(each, read.batches, row, place)),
      )
      expect(rows, table.name).toEqual(heldRows(archivePath, table))
    }
  })

  it('is the same in Arrow over many batches, and of no rows at all', async () => {
    const posts = Array.from({ length: 12_345 }, (_, place) => ({
      post_id: `s_${String(place).padStart(8, '0')}`,
      text: place % 3 ? `post ${place} 🦊` : null,
    }))
    const { outDir } = await exported({ posts }, { formats: ['arrow'], tables: ['posts', 'users'] })

    const read = tableFromIPC(readFileSync(join(outDir, 'arrow', 'posts.arrow')))
    expect([...read.getChild('text')!]).toEqual(posts.map((each) => each.text))
    expect(read.batches.length).toBe(3)
    const empty = tableFromIPC(readFileSync(join(outDir, 'arrow', 'users.arrow')))
    expect(empty.numRows).toBe(0)
    expect(empty.schema.names).toEqual(exportedColumns(tableOf('users')).map((each) => each.name))
  })
})

/** A line with every number, true and false as the text that stands there. */
const readExactly = (line: string): Record<string, unknown> => {
  const quoted = line.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false/g, (part) =>
    part.startsWith('"') ? part : `"${part}"`,
  )
  return JSON.parse(quoted) as Record<string, unknown>
}

function fromArrow(
  { type }: Column,
  batches: readonly RecordBatch[],
  row: number,
  place: number,
): Value {
  const child = batches[0]!.getChildAt(place)!
  const value: unknown = child.get(row)
  if (value === null) return null
  if (type === 'bool') return value ? 1n : 0n
  if (type !== 'time') return value as Value
  return (child.data[0]!.values as BigInt64Array)[row]!
}

describe('CSV', () => {
  it('ends lines with CR LF and doubles quotes, as RFC 4180 says', async () => {
    const tasks = [{ task_id: 'task_1', prompt: 'a "b",\r\nc', title: '', status: null }]
    const { text } = await exported({ tasks }, { formats: ['csv'], tables: ['tasks'] })

    const [head, ...rest] = text('csv/tasks.csv').split('\r\n')
    expect(head).toMatch(/^"task_id","status","prompt","title",/)
    expect(rest.join('\r\n')).toMatch(/^"task_1",,"a ""b"",\r\nc","",,+"1970-01-01T00/)
  })

  it('makes formulas harmless when asked for, and says how to undo it', async () => {
    const starts = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', "'x", 'plain', '', ' =1']
    const tasks = starts.map((prompt, place) => ({ task_id: `task_${place}`, prompt }))
    const options = { formats: ['csv'] as const, tables: ['tasks'] }
    const plain = await exported({ tasks }, options)
    const safe = await exported({ tasks }, { ...options, csvSafe: true })
    const prompts = (text: string) =>
      readCsv(text)
        .slice(1)
        .map((row) => row[2]!)

    const made = prompts(safe.text('csv/tasks.csv'))
    expect(made).toEqual(starts.map(toSafeText))
    expect(made.filter((each) => /^[=+\-@\t\r]/.test(each))).toEqual([])
    expect(made.map((each) => each.replace(/^'/, ''))).toEqual(starts)
    expect(prompts(plain.text('csv/tasks.csv'))).toEqual(starts)
    expect(safe.text('data-dictionary.md')).toContain("Take one `'` off the start")
    expect(plain.text('data-dictionary.md')).toContain('`export --csv-safe` makes it harmless')
  })
})
