import { InputError } from '../model/errors.js'
import { isAsHeld, type Profile, type View } from '../model/profiles.js'
import type { Table } from '../model/table.js'
import { exportedTables } from '../model/tables.js'
import { answerFormats, formatNames, type FormatName } from './format.js'

/**
 * The tables to export, in the order of the one list; without names all that leave by default.
 * @throws InputError for an unknown name, naming the known ones, and for a log without any of its tables
 */
export function chooseTables(
  names: readonly string[] | undefined,
  withLog: boolean,
  profile: Profile = 'full',
): Table[] {
  const tables = exportedTables(withLog, profile)
  if (names === undefined) return tables
  const known = tables.map((each) => each.name)
  requireKnown('table', names, known, withLog ? '' : ' (and the log, with --with-log)')
  const chosen = tables.filter((each) => names.includes(each.name))
  if (withLog) requireLog(chosen, tables)
  return chosen
}

/** Whoever asks for the log, and names other tables only, would look for it in vain. */
function requireLog(chosen: readonly Table[], tables: readonly Table[]): void {
  const log = tables.filter((each) => each.exported === 'with-log')
  if (log.some((each) => chosen.includes(each))) return
  const names = log.map((each) => each.name).join(', ')
  throw new InputError(
    `--with-log changes nothing where --tables leaves out all that it adds; leave it out, or name one of ${names} there too`,
  )
}

/** The formats that are written when none is named. */
const defaultFormats: readonly FormatName[] = ['parquet', 'sqlite']

/**
 * The formats to write, in a fixed order; without names the default ones.
 * @throws InputError for an unknown name, naming the known ones.
 */
export function chooseFormats(names: readonly string[] | undefined): FormatName[] {
  if (names === undefined) return [...defaultFormats]
  requireKnown('format', names, formatNames, '')
  return formatNames.filter((each) => names.includes(each))
}

/**
 * Refuses formats that hold the kept answers as they came where not all of an archive may leave: people
 * and texts in them cannot be taken out.
 * @throws InputError if there is one
 */
export function requireFull(formats: readonly FormatName[], view: View): void {
  const refused = formats.filter((each) => answerFormats.includes(each))
  if (refused.length === 0 || isAsHeld(view)) return
  const { profile, tombstones } = view
  const asked = profile === 'full' ? `--tombstones ${tombstones}` : `profile ${profile}`
  throw new InputError(
    `${refused.join(' and ')} would hold the answers as they came, for yourself only; ` +
      `they do not go with ${asked}: leave them out of --format`,
  )
}

function requireKnown(
  kind: string,
  names: readonly string[],
  known: readonly string[],
  more: string,
): void {
  const unknown = names.filter((each) => !known.includes(each))
  if (unknown.length > 0)
    throw new InputError(
      `no ${kind} ${unknown.join(', ')} to export; known: ${known.join(', ')}${more}`,
    )
  if (names.length === 0)
    throw new InputError(`no ${kind} named to export; known: ${known.join(', ')}${more}`)
}
