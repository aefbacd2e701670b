import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Column, Table } from '../../model/table.js'
import { tables } from '../../model/tables.js'
import { listFiles } from '../former-export.js'
import { descriptionNames } from '../package/write-package.js'
import { findInCell, isOurForm, type Wanted } from './gate-cells.js'
import { graphTexts } from './gate-graph.js'
import { readers, readLines, type TakeRow } from './gate-readers.js'
import { findForbidden, findKnownMentions, findMentions, findName, type Hit } from './gate-texts.js'
import { blanks } from './texts.js'

/** What is checked, and for what. */
export interface GateOptions extends Wanted {
  /** Holds the finished files. */
  folder: string
  signal?: AbortSignal | undefined
}

/** Finished files hold what must not be published; none of them has got its name. */
export class PublishError extends Error {
  override name = 'PublishError'

  constructor(readonly findings: readonly string[]) {
    super(
      `nothing was published, since the finished files hold what they must not:\n` +
        findings.map((each) => `  ${each}`).join('\n'),
    )
  }
}

/** So many are told; one is enough to refuse. */
const mostFindings = 20

/**
 * Reads every finished file again, by other readers than its writers where there are such: no id, handle,
 * mention or name of a person, no signature and no secret of the source may be in it, and every cell must
 * have a form that its column may have. What it knows of people is asked of the archive, not held.
 * @throws PublishError that names each column and the first place in it; what was found is shown by its first two characters
 */
export async function checkPublished(options: GateOptions): Promise<void> {
  const findings: string[] = []
  const told = new Set<string>()
  const tell = (place: string, hits: Iterable<Hit>): void => {
    for (const { what, shown } of hits) {
      const kind = `${place.replace(/, row \d+$/, '')}: ${what}`
      if (told.has(kind)) continue
      told.add(kind)
      findings.push(`${place}: ${what}, ${shown}`)
      if (findings.length >= mostFindings) throw new PublishError(findings)
    }
  }
  for (const path of await listFiles(options.folder)) {
    await checkBytes(path, options, tell)
    if (descriptionNames.includes(path)) await checkDescription(path, options, tell)
    else await checkRows(path, options, tell)
  }
  if (findings.length > 0) throw new PublishError(findings)
}

type Tell = (place: string, hits: Iterable<Hit>) => void

/** Longer than anything that is looked for byte by byte. */
const overlap = 1024

/** Bytes as they lie in the file: free pages, footers and names of columns are in them too. */
async function checkBytes(path: string, options: GateOptions, tell: Tell): Promise<void> {
  const stream = createReadStream(join(options.folder, path))
  const secrets = options.secrets.map((each) => Buffer.from(each).toString('latin1'))
  let before = ''
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    options.signal?.throwIfAborted()
    const text = before + chunk.toString('latin1')
    tell(path, findForbidden(text, secrets))
    before = text.slice(-overlap)
  }
}

async function checkDescription(path: string, options: GateOptions, tell: Tell): Promise<void> {
  const text = await readFile(join(options.folder, path), 'utf8')
  const texts = extname(path) === '.json' ? [...textsIn(JSON.parse(text))] : [text]
  for (const each of texts) tell(path, findKnownMentions(each, options.people))
}

/** Every text in a JSON value but for the context of Croissant, whose `@json` is no person. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value))
      if (name !== '@context') yield* textsIn(inner)
}

const columnsOf = new Map<string, Map<string, Column>>(
  (tables as readonly Table[]).map(({ name, columns }) => [
    name,
    new Map(columns.map((each) => [each.name, each])),
  ]),
)

const rowsPerStep = 5000

async function checkRows(path: string, options: GateOptions, tell: Tell): Promise<void> {
  const kind = extname(path).slice(1)
  const read = readers[kind]
  if (read === undefined) return checkLines(path, options, tell)
  const named = /^\w+\/(\w+)/.exec(path)?.[1] ?? ''
  const table = named === 'threads' ? 'posts' : named
  const take: TakeRow = (row, texts) => {
    if (row % rowsPerStep === 0) options.signal?.throwIfAborted()
    for (const { table: of, column, text } of texts) {
      const known = columnsOf.get(of)?.get(column)
      const hits = known ? findInCell(text, known, options) : findInText(text, options)
      tell(`${path}, ${of}.${column}, row ${row}`, hits)
    }
  }
  await read(join(options.folder, path), table, take)
  await setImmediate()
}

/** A text of which no column is known. */
function* findInText(value: string, { people, secrets }: Wanted): Generator<Hit> {
  yield* findForbidden(value, secrets)
  yield* findMentions(value)
  if (!everyWord.has(value) && !isOurForm(value))
    yield* findName(value, people, Object.values(blanks))
}

/** Words of tables and columns, that other formats name their things with. */
const everyWord = new Set([
  ...['other', 'true', 'false'],
  ...(tables as readonly Table[]).flatMap(({ name, columns }) => [
    name,
    ...columns.flatMap((each) => [each.name, ...(each.words ?? [])]),
  ]),
])

/** Files of other kinds, line by line; of GraphML what stands in its elements `data`. */
async function checkLines(path: string, options: GateOptions, tell: Tell): Promise<void> {
  const textsOf =
    extname(path) === '.graphml' ? graphTexts() : (line: string) => line.split(/[<>"]/)
  for await (const line of readLines(join(options.folder, path))) {
    options.signal?.throwIfAborted()
    for (const each of textsOf(line)) tell(path, findInText(each, options))
  }
}
