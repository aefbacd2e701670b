import { describe, expect, it } from 'vitest'
import { settleListSql, settleOneSql } from '../../src/archive/earlier-passes.js'
import { onNewArchive } from './archives.js'

describe('EarlierPasses.settle', () => {
  const list = { listingKey: '2 get_feed ', pass: 2 }
  const one = { requestKey: 'get_post_detail {}', pass: 2 }

  it.each([
    ['settleListSql', settleListSql, list, 'requests_left (listing_key=?)'],
    ['settleOneSql', settleOneSql, one, 'requests_by_pass_request_key (pass=? AND request_key=?)'],
  ])('finds the requests of %s by an index: it comes once a list', (_, sql, values, index) => {
    const plan = onNewArchive(({ database }) =>
      database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(values),
    ) as { detail: string }[]

    expect(plan.map(({ detail }) => detail)).toContain(`SEARCH requests USING INDEX ${index}`)
  })
})
