import type { Piece } from './piece.js'

/** A kind of file that is not read, and what makes one of it that is. */
interface Foreign {
  /** As it is counted where it lies in a folder. */
  name: string
  begins: RegExp
  advice: string
  /** Files are packed in it, or answers recorded: it is told even where it lies in a folder. */
  mayHold?: true
}

const packing = (name: string, begins: RegExp, command: string): Foreign => ({
  ...{ name, begins, mayHold: true },
  advice: `unpack it (\`${command}\`), and import what comes out`,
})

const column = 'write the column that holds the answers into a file, an answer a line (NDJSON)'

const database: Foreign = {
  name: 'SQLite of another program',
  begins: /^SQLite format 3\0/,
  advice: `${column}: \`sqlite3 FILE 'SELECT body FROM pages'\``,
}

const alone = 'save the body of the answer alone'

/** By their first bytes, read as Latin-1. */
const foreigners: readonly Foreign[] = [
  packing('xz', /^\xfd7zXZ\0/, 'xz -d'),
  packing('bzip2', /^BZh[1-9]1AY&SY/, 'bzip2 -d'),
  packing('Zstandard', /^(\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)/, 'zstd -d'),
  packing('LZ4', /^\x04\x22\x4d\x18/, 'lz4 -d'),
  packing('lzma', /^\x5d\0\0[\0-\xff]{2}\xff{4}/, 'xz -d --format=lzma'),
  packing('7z', /^7z\xbc\xaf\x27\x1c/, '7z x'),
  packing('RAR', /^Rar!\x1a\x07/, 'unrar x'),
  packing('tar', /^[^]{257}ustar/, 'tar -xf'),
  { name: 'Parquet', begins: /^PAR1/, advice: column },
  { name: 'Arrow', begins: /^(ARROW1|FEA1)/, advice: column },
  database,
  {
    name: 'Python pickle',
    begins: /^\x80[\x02-\x05][\x95(\]}cq]/,
    advice: 'write its answers with `json.dump` instead',
  },
  {
    name: 'flows of mitmproxy',
    begins: /^\d{1,10}:\d{1,3}:[a-z_]{2,30};/,
    advice: 'make a HAR of it (`mitmdump -nr FILE --set hardump=FILE.har`)',
    mayHold: true,
  },
  {
    name: 'HTTP head',
    begins: /^HTTP\/[\d.]+ \d{3}/,
    advice: `${alone} (\`curl\` without \`-i\`, \`http --body\`)`,
    mayHold: true,
  },
  {
    name: 'trace of curl',
    begins: /^([\d:.]{8,15} )?(== Info: |\* |[<>=]{1,2} )/,
    advice: `${alone} (\`curl -o FILE\`)`,
  },
  {
    name: 'table in text (CSV)',
    begins: /^("[^"\r\n]*"|[\w .-]*)([,;\t]("[^"\r\n]*"|[\w .-]*))+\r?\n/,
    advice: column,
  },
]

/** How many bytes tell one of them. */
export const foreignBytes = 512

const problemOf = ({ name, advice }: Foreign): string => `is not read (${name}): ${advice}`

/** What a database of another program is told as. */
export const foreignDatabase = { reason: database.name, problem: problemOf(database) } as const

/** What a file is that is not read, and what to do about it; NULL for what may be read. */
export function readForeign(head: string): Piece | null {
  const found = foreigners.find(({ begins }) => begins.test(head))
  if (found === undefined) return null
  const problem = problemOf(found)
  return found.mayHold
    ? { kind: 'bad', place: '', problem }
    : { kind: 'skipped', place: '', reason: found.name, problem }
}
