import type { Command } from 'commander'
import type { Life, LifeEvent } from '../archive/life.js'
import { InputError } from '../model/errors.js'
import { idIn } from '../model/ids.js'
import { exitCodes } from './exit-codes.js'
import { runReading } from './run-command.js'
import { readSettings } from './settings.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import { sparkline } from './sparkline.js'
import { instant, plain, printResult, toColumns } from './terminal.js'

/** `afterfeed history`. */
export function addHistory(program: Command): void {
  const command = program
    .command('history')
    .argument('<words...>', 'an id (s_…, user-…, a comment), the address of a post, or KIND ID')
    .summary('what changed in a post, comment or person over time')
    .description(
      'Prints the life of a post, comment or person as the archive saw it: counters with a small chart, ' +
        'changes of anything else, and when it was missing. Works while a crawl runs.',
    )
    .action((words: string[], flags: SharedFlags) =>
      runReading(flags, () => runHistory(words, flags)),
    )
  addSharedFlags(command)
}

async function runHistory(words: readonly string[], flags: SharedFlags): Promise<number> {
  const settings = await readSettings(flags, process.env)
  const [{ openForReading }, { readLife, kindOfId }] = await Promise.all([
    import('../archive/archive.js'),
    import('../archive/life.js'),
  ])
  const id = idIn(words.at(-1)!)
  const kind = words.length > 1 ? kindNamed(words[0]!) : kindOfId(id)
  if (kind === null || words.length > 2)
    throw new InputError(
      `${words.join(' ')} names no post, comment or person: give s_… or its address, the 32 hex digits of a comment, user-…`,
    )
  const database = openForReading(settings.archive)
  try {
    const life = readLife(database, kind, id)
    printResult(flags, life, describe(life))
  } finally {
    database.close()
  }
  return exitCodes.done
}

const kinds = ['post', 'comment', 'user'] as const

const kindNamed = (word: string): Life['kind'] | null =>
  kinds.find((kind) => kind === word.replace(/s$/, '')) ?? null

function describe(life: Life): string {
  const { kind, id, first_seen_at, last_seen_at, sightings, events } = life
  return [
    `${kind} ${id}`,
    first_seen_at === null || last_seen_at === null
      ? 'never seen'
      : `seen ${sightings} times, from ${instant(first_seen_at)} to ${instant(last_seen_at)}`,
    ...charts(events),
    ...events.flatMap(describeEvent),
  ].join('\n')
}

/** A line a counter that ever changed: its values as a chart, its first and its last. */
function charts(events: readonly LifeEvent[]): string[] {
  const series = new Map<string, (number | bigint)[]>()
  for (const { what } of events)
    for (const [name, value] of Object.entries(what.kind === 'counters' ? what.counters : {})) {
      const values = series.get(name)
      if (values === undefined) series.set(name, [value])
      else values.push(value)
    }
  const rows = [...series]
    .filter(([, values]) => values.some((value) => value !== values[0]))
    .map(([name, values]) => [
      `  ${name}`,
      sparkline(values.map(Number)),
      `${values[0]!.toLocaleString('en')} → ${values.at(-1)!.toLocaleString('en')}`,
    ])
  return rows.length === 0 ? [] : [toColumns(rows)]
}

function describeEvent({ at, response_id, what }: LifeEvent): string[] {
  const place = `${instant(at)}  ${response_id}  `
  if (what.kind === 'absent') return [`${place}absent: ${what.reason}`]
  if (what.kind === 'again') return [`${place}seen again`]
  if (what.kind === 'changed')
    return [`${place}${what.field}: ${shown(what.old)} → ${shown(what.new)}`]
  const told = Object.entries(what.counters).map(([name, value]) => `${name} ${value}`)
  return [`${place}${told.join(', ')}`]
}

const shown = (text: string | null): string =>
  text === null ? '(empty)' : JSON.stringify(plain(text).slice(0, 60))
