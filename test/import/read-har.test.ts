import { describe, expect, it } from 'vitest'
import { besideNothing } from '../../src/import/beside.js'
import { ByteReader } from '../../src/import/byte-reader.js'
import { CutOff, importLimits, type Reading } from '../../src/import/piece.js'
import { readHar } from '../../src/import/read-har.js'
import { Repeats } from '../../src/import/repeats.js'

const reading: Reading = {
  limits: { ...importLimits, answer: 100 },
  found: () => undefined,
  repeats: new Repeats(),
  later: () => undefined,
}

async function placesIn(text: string): Promise<string[]> {
  const bytes = (async function* () {
    yield* [Buffer.from(text)]
  })()
  const pieces: string[] = []
  for await (const each of readHar(new ByteReader(bytes), reading, besideNothing))
    pieces.push(`${each.kind} ${each.place}`)
  return pieces
}

const frame = '{ "log" : { "version" : "1.2" , "pages" : [ { } ] , "entries" : [ '
const entry = '{"response":{"status":404}}'

describe('readHar', () => {
  it('says of every cut in its frame that nothing is kept', async () => {
    for (let length = 1; length <= frame.length; length += 1)
      await expect(placesIn(frame.slice(0, length)), `${length}`).rejects.toThrow(CutOff)
  })

  it('reads over whatever stands before the entries, and over an entry that is too long', async () => {
    const strange = `"entries":7,"${'a'.repeat(2000)}":"entries",`
    const long = `{"a":"${'a'.repeat(200)}"}`

    expect(await placesIn(`{"log":{${strange}"entries":[${entry},${long},${entry}]}}`)).toEqual([
      ...['skipped #entries/0', 'bad #entries/1', 'skipped #entries/2'],
    ])
  })

  it.each([
    ['{"log":{}}', 'is a HAR without entries'],
    ['{"log":{5:1}}', 'is a HAR without entries'],
    ['{"log":{"pages":[] "entries":[{}]}}', 'is a HAR without entries'],
    ['{"log":{"pages" [],"entries":[{}]}}', 'a colon is missing'],
  ])('says what is wrong with a frame: %s', async (text, problem) => {
    await expect(placesIn(text)).rejects.toThrow(problem)
  })

  it.each(['{"log":{"entries":[]}}', '{"log":{"entries":[5]}}'])(
    'finds none in %s',
    async (text) => {
      expect(await placesIn(text)).toEqual([])
    },
  )
})
