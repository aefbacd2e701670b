import { InputError } from '../model/errors.js'
import { chooseFormats } from './choose.js'
import { answerFormats, formatNames, type FormatName } from './format.js'
import type { ExportOptions } from './options.js'

const ofTables = formatNames.filter((each) => !answerFormats.includes(each))

/** The formats on which an option has an effect, by its flag. */
const effects: readonly [
  flag: string,
  option: keyof ExportOptions,
  formats: readonly FormatName[],
][] = [
  ['--parquet', 'parquet', ['parquet', 'edges', 'threads']],
  ['--part-rows', 'rowsPerPart', ['parquet', 'edges', 'threads']],
  ['--by-month', 'byMonth', ['parquet']],
  ['--csv-safe', 'csvSafe', ['csv']],
  ['--warc-bytes', 'bytesPerWarc', answerFormats],
  ['--tables', 'tables', ofTables],
  ['--since', 'since', ofTables],
  ['--until', 'until', ofTables],
  ['--seeds', 'seeds', ofTables],
]

/**
 * Refuses options that would change nothing in what is written: whoever names one counts on it.
 * @throws InputError for the first one
 */
export function requireEffects(options: Omit<ExportOptions, 'archivePath' | 'outDir'>): void {
  const formats = chooseFormats(options.formats)
  for (const [flag, option, needed] of effects) {
    if (options[option as keyof typeof options] === undefined) continue
    if (needed.some((each) => formats.includes(each))) continue
    throw new InputError(
      `${flag} changes nothing in ${formats.join(', ')}; leave it out, or name one of ${needed.join(', ')} with --format`,
    )
  }
  const { profile = 'full', pseudonymKey } = options
  if (pseudonymKey !== undefined && profile === 'full')
    throw new InputError('--pseudonym-key is for what is published: add --publish, or leave it out')
}
