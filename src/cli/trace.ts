import type { Command } from 'commander'
import type { Trace, TracedAnswer } from '../archive/trace.js'
import { exactInteger } from '../model/json-line.js'
import type { Column, Table, Value } from '../model/table.js'
import { idIn } from '../model/ids.js'
import { exitCodes } from './exit-codes.js'
import { runReading } from './run-command.js'
import { readSettings } from './settings.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import { dollars, instant, plain, printResult, toColumns } from './terminal.js'

interface TraceFlags extends SharedFlags {
  withSignedUrls?: boolean
}

/** `afterfeed trace`. */
export function addTrace(program: Command): void {
  const command = program
    .command('trace')
    .argument('<kind>', 'a table, e.g. posts')
    .argument('<id...>', 'the key of the row, value by value; of a post also its address')
    .summary('which answers told a row')
    .description(
      'Shows every kept answer that told a row: when it came, from where, its status and price, and the ' +
        'JSON in it. Works while a crawl runs.',
    )
    .option('--with-signed-urls', 'keep signatures of URLs: for yourself, not for others')
    .addHelpText(
      'after',
      `
Examples:
  afterfeed trace posts s_68ef1920000081910000000000000001
  afterfeed trace remixes s_68ef19…(parent) s_68ef1a…(remix)
  afterfeed trace assets post s_68ef19… thumbnail drvs/thumbnail/raw
  afterfeed trace absences post s_68ef19… r_5c1d…
  afterfeed trace anomalies r_5c1d… /data/items/3/post`,
    )
    .action((kind: string, ids: string[], flags: TraceFlags) =>
      runReading(flags, () => runTrace(kind, ids, flags)),
    )
  addSharedFlags(command)
}

async function runTrace(kind: string, ids: string[], flags: TraceFlags): Promise<number> {
  const settings = await readSettings(flags, process.env)
  const [{ openForReading }, { traceRow, tracedTables }, { unsigned }] = await Promise.all([
    import('../archive/archive.js'),
    import('../archive/trace.js'),
    import('../model/signed-url.js'),
  ])
  const database = openForReading(settings.archive)
  try {
    const found = traceRow(database, kind, ids.map(idIn))
    const trace = flags.withSignedUrls ? found : (mapTexts(found, unsigned) as Trace)
    printResult(flags, trace, describe(trace, tracedTables))
  } finally {
    database.close()
  }
  return exitCodes.done
}

function describe({ table, key, row, answers }: Trace, tables: readonly Table[]): string {
  const columns = tables.find(({ name }) => name === table)!.columns
  const cells = Object.entries(row).filter(([, value]) => value !== null)
  const shown = cells.map(([name, value]) => [`  ${name}`, readable(columns, name, value)])
  const newest = answers.findLast(({ json }) => json.length > 0)?.json[0]
  return [
    `${table} ${Object.values(key).join(' ')}`,
    toColumns(shown),
    '',
    `Told by ${answers.length} kept ${answers.length === 1 ? 'answer' : 'answers'}:`,
    ...answers.map(describeAnswer),
    ...(newest
      ? ['', `The newest at ${newest.json_pointer}:`, JSON.stringify(newest.value, exactInteger, 2)]
      : []),
  ].join('\n')
}

/** A cell in one short line; an instant as such. */
function readable(columns: readonly Column[], name: string, value: Value): string {
  const column = columns.find((each) => each.name === name)
  return column?.type === 'time' ? instant(Number(value)) : plain(String(value)).slice(0, 100)
}

function describeAnswer(answer: TracedAnswer): string {
  const { received_at, clock, endpoint, params, origin, status, cost_usd, billed } = answer
  const asked = Object.entries(params).map(([name, value]) => `${name}=${plain(value)}`)
  const price = origin === 'network' ? `, ${dollars(cost_usd ?? 0)} (billed: ${billed})` : ''
  const places = answer.json.map(({ json_pointer }) => json_pointer || '(top)')
  return [
    `  ${instant(received_at)} (${clock} clock)  ${[endpoint, ...asked].join(' ')}`,
    `    ${answer.response_id} from ${plain(origin)}${status === null ? '' : `, status ${status}`}${price}`,
    `    told ${Object.keys(answer.told).join(', ')}`,
    `    at ${places.join(' ')}`,
  ].join('\n')
}

/** The same with every text changed. */
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change))
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, mapTexts(each, change)]),
  )
}
