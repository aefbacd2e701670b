import { relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findInputs } from '../../src/import/inputs.js'
import { openRoom } from './room.js'

/** What stands behind a pattern of a folder with two files, written with a separator. */
async function found(separator: '/' | '\\') {
  const room = openRoom()
  for (const name of ['dumps/a/1.json', 'dumps/b/2.json']) room.put(name, '{}')
  const folder = relative(process.cwd(), room.folder)
  const pattern = `${folder}/dumps/*/*.json`.replaceAll('/', separator)

  const { inputs, bad } = await findInputs([pattern], separator)

  const names = inputs.map(({ origin }) => origin.replace(`${folder}/`, ''))
  return { names, bad }
}

describe('findInputs', () => {
  it('finds what fits a pattern that is written as on Windows, and names it alike', async () => {
    const expected = { names: ['dumps/a/1.json', 'dumps/b/2.json'], bad: [] }

    expect(await found('/')).toEqual(expected)
    expect(await found('\\')).toEqual(expected)
  })
})
