import { isUtf8 } from 'node:buffer'
import { parseJson } from '../model/parse-json.js'
import { accepted, isOfBareArray } from '../model/recognise.js'
import { ByteReader, end, isWhole, type Stretch } from './byte-reader.js'
import { isHar, readHar } from './read-har.js'
import { CutOff, longerThan, type OpenBeside, type Piece, type Reading } from './piece.js'

const brace = 0x7b
const bracket = 0x5b
const comma = 0x2c
const closing = 0x5d

/** Reads JSON text of any form: one answer, an array, a line each, a HAR. Yields answers one by one. */
export async function* readJson(
  reader: ByteReader,
  reading: Reading,
  openBeside: OpenBeside,
): AsyncGenerator<Piece> {
  const first = await reader.nextByte()
  if (first === end) yield { kind: 'skipped', place: '', reason: 'empty', problem: 'is empty' }
  else if (first === brace && (await isHar(reader))) yield* readHar(reader, reading, openBeside)
  else if (first === brace) yield* readObjects(reader, reading)
  else if (first === bracket) yield* readValues(reader, reading)
  else yield noJson(await reader.ahead(20))
}

function noJson(head: Buffer): Piece {
  const begins = JSON.stringify(head.subarray(0, 20).toString('latin1'))
  const problem = `is no JSON object or list (it begins with ${begins}). Expected: ${accepted}`
  return { kind: 'skipped', place: '', reason: 'no JSON', problem }
}

/** One object, or an object a line, or objects one after the other. */
async function* readObjects(reader: ByteReader, reading: Reading): AsyncGenerator<Piece> {
  const line = await reader.line(reading.limits.answer)
  if (line === undefined) return
  if (line === null) {
    yield tooLong('#L1', reading)
    return yield* readLines(reader, reading, 1)
  }
  const isValue = isWhole(line)
  const isLast = await reader.isOver()
  if (isValue && isLast) {
    reading.found('answer')
    return yield textOf('', line)
  }
  if (isValue || (!isLast && (await isBrokenLine(line, reader, reading)))) {
    reading.found('ndjson')
    yield textOf('#L1', line)
    return yield* readLines(reader, reading, 1)
  }
  reader.putBack(Buffer.concat([line, Buffer.from('\n')]))
  yield* readValues(reader, reading)
}

const goesOn = /[[{,:]\s*$/

/** A line that is no whole value before one that is: not JSON over several lines, but a broken line. */
async function isBrokenLine(line: Buffer, reader: ByteReader, reading: Reading): Promise<boolean> {
  if (goesOn.test(line.subarray(-64).toString('latin1'))) return false
  const next = await reader.line(reading.limits.answer)
  if (next === undefined || next === null) return false
  reader.putBack(Buffer.concat([next, Buffer.from('\n')]))
  return next[0] === brace && isWhole(next)
}

async function* readLines(
  reader: ByteReader,
  reading: Reading,
  linesBefore: number,
): AsyncGenerator<Piece> {
  for (let number = linesBefore + 1; ; number += 1) {
    const line = await reader.line(reading.limits.answer)
    if (line === undefined) return
    const place = `#L${number}`
    if (line === null) yield tooLong(place, reading)
    else if (line[0] === bracket) yield* readArrayIn(line, place, reading)
    else if (!isBlank(line)) yield textOf(place, line)
  }
}

/** A line that is a list; where it breaks off, the lines behind it are read all the same. */
async function* readArrayIn(line: Buffer, place: string, reading: Reading): AsyncGenerator<Piece> {
  const inner = new ByteReader(
    (async function* () {
      yield line
    })(),
  )
  const at = (piece: Piece): Piece => ({ ...piece, place: `${place}${piece.place}` })
  try {
    for await (const piece of readArray(inner, asLine(reading))) yield at(piece)
    if (!(await inner.isOver())) yield at(noJsonBehind)
  } catch (error) {
    yield { kind: 'bad', place, problem: (error as Error).message }
  }
}

/** What is found inside of a line is no container of its own. */
const asLine = (reading: Reading): Reading => ({ ...reading, found: () => undefined })

const noJsonBehind: Piece = {
  kind: 'bad',
  place: '',
  problem: 'is no JSON behind its first value',
}

/** Values one after the other, over any number of lines. */
async function* readValues(reader: ByteReader, reading: Reading): AsyncGenerator<Piece> {
  for (let number = 1; ; number += 1) {
    const byte = await reader.nextByte()
    if (byte === end) return
    if (byte === bracket) {
      yield* readArray(reader, reading)
      continue
    }
    if (byte !== brace) {
      yield noJsonBehind
      return
    }
    const value = await reader.value(reading.limits.answer)
    if (value === undefined) throw new CutOff(number - 1)
    const isOnly = number === 1 && (await reader.isOver())
    if (number === 1) reading.found(isOnly ? 'answer' : 'array')
    yield pieceOf(isOnly ? '' : `#${number - 1}`, value, reading)
  }
}

/** An array of answers, or one that is an answer itself: pending tasks, rows of the export. */
async function* readArray(reader: ByteReader, reading: Reading): AsyncGenerator<Piece> {
  await reader.nextByte()
  reader.skipByte()
  const { answer } = reading.limits
  const byte = await reader.nextByte()
  const first = byte === brace ? await reader.value(answer) : undefined
  if (byte === end || (byte === brace && first === undefined)) throw new CutOff(0)
  const isOne = first === undefined || (first !== null && beginsBareArray(first))
  if (isOne) {
    reading.found('answer')
    reader.putBack(Buffer.concat([Buffer.from('['), first ?? Buffer.alloc(0)]))
    const whole = await reader.value(answer)
    if (whole === undefined) throw new CutOff(0)
    return yield pieceOf('', whole, reading)
  }
  reading.found('array')
  yield pieceOf('#0', first, reading)
  yield* readRest(reader, reading)
}

async function* readRest(reader: ByteReader, reading: Reading): AsyncGenerator<Piece> {
  for (let index = 1; ; index += 1) {
    if (!(await hasNext(reader, index))) return
    const value = await reader.value(reading.limits.answer)
    if (value === undefined) throw new CutOff(index)
    yield pieceOf(`#${index}`, value, reading)
  }
}

/**
 * Reads over what stands between two elements of an array, or behind the last; `before` elements were read.
 * @throws CutOff if the bytes end there, Error if something else stands there
 */
export async function hasNext(reader: ByteReader, before: number): Promise<boolean> {
  const byte = await reader.nextByte()
  if (byte === end) throw new CutOff(before)
  reader.skipByte()
  if (byte === closing) return false
  const next = await reader.nextByte()
  if (next === end) throw new CutOff(before)
  if (byte !== comma || next === comma || next === closing)
    throw new SyntaxError('is no JSON: a comma or the end of a list is missing')
  return true
}

function beginsBareArray(first: Buffer): boolean {
  if (!isUtf8(first)) return false
  try {
    return isOfBareArray(parseJson(first.toString()).value)
  } catch {
    return false
  }
}

const pieceOf = (place: string, value: Stretch, reading: Reading): Piece =>
  value === null ? tooLong(place, reading) : { kind: 'text', place, bytes: value }

const tooLong = (place: string, { limits }: Reading): Piece => ({
  ...{ kind: 'bad', place, problem: longerThan(limits.answer) },
})

const isBlank = (line: Buffer): boolean => line.length < 64 && line.toString('latin1').trim() === ''

/** A line without the blanks around its value. */
function textOf(place: string, line: Buffer): Piece {
  let from = 0
  let to = line.length
  while (from < to && line[from]! <= 0x20) from += 1
  while (to > from && line[to - 1]! <= 0x20) to -= 1
  return { kind: 'text', place, bytes: line.subarray(from, to) }
}
