import { describe, expect, it } from 'vitest'
import { publicCondition } from '../../src/archive/selection-rules.js'
import { tableOf } from '../../src/model/tables.js'
import { newArchive } from './archives.js'

describe('publicCondition', () => {
  it.each(['assets', 'media'] as const)(
    'of %s looks a file up by its key, not among the files of all people',
    (name) => {
      const { database } = newArchive()
      const condition = publicCondition(tableOf(name), () => 'TRUE')

      const plan = database
        .prepare(`EXPLAIN QUERY PLAN SELECT 1 FROM ${name} WHERE ${condition}`)
        .all()

      const steps = (plan as { detail: string }[]).map(({ detail }) => detail)
      expect(steps.filter((each) => each.includes(' other '))).toEqual([
        'SEARCH other USING INDEX assets_by_asset_key (asset_key=?)',
      ])
    },
  )
})
