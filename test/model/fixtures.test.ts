import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Page, Params } from '../../src/model/page.js'
import { parseJson } from '../../src/model/parse-json.js'
import { readParsed } from '../../src/model/read-page.js'

/** `<name>.json`: a call and its answer. `<name>.records.json` beside it: what is to be read in it. */
const folder = new URL('../pages/', import.meta.url)

interface Fixture {
  endpoint: string
  params: Params
  body: unknown
}

const readFixture = (file: string): unknown =>
  parseJson(readFileSync(new URL(file, folder), 'utf8')).value

const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json') && !file.endsWith('.records.json'))
  .map((file) => file.replace(/\.json$/, ''))

describe('readPage reads in test/pages', () => {
  it.each(names)('%s', (name) => {
    const { endpoint, params, body } = readFixture(`${name}.json`) as Fixture

    const { page } = readParsed(endpoint, params, { value: body, isRounded: false, strays: [] })

    expect(page).toEqual(readFixture(`${name}.records.json`) as Page)
  })

  it('something: the folder holds pairs, and every record its page', () => {
    const records = readdirSync(folder)
      .filter((file) => file.endsWith('.records.json'))
      .map((file) => file.replace(/\.records\.json$/, ''))

    expect(records).toEqual(names)
    expect(names.length).toBeGreaterThan(20)
  })
})
