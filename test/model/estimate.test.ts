import { describe, expect, it } from 'vitest'
import {
  estimate,
  type Estimate,
  type EstimateFacts,
  type PendingGroup,
  type PostAverages,
} from '../../src/model/estimate.js'
import { unknownList } from '../../src/model/order.js'
import { noLimits } from '../../src/model/walk-plan.js'

const group = (more: Partial<PendingGroup> = {}): PendingGroup => ({
  ...unknownList,
  ...{ endpoint: 'get_post_comments', page: 1, requests: 1 },
  ...more,
})

const averages: PostAverages = {
  ...{ posts: 100, commentPages: 2, replies: 5, remixPages: 0.5, remixes: 0.5, callsAReply: 0.6 },
}

const estimateOf = (groups: PendingGroup[], more: Partial<EstimateFacts> = {}): Estimate =>
  estimate({ groups, averages: null, limits: noLimits, prices: {}, ...more })

const leastOf = ({ endpoints }: Estimate) =>
  Object.fromEntries(endpoints.map(({ endpoint, least_calls }) => [endpoint, least_calls]))

const expectedOf = ({ endpoints }: Estimate) =>
  Object.fromEntries(endpoints.map(({ endpoint, expected_calls }) => [endpoint, expected_calls]))

describe('estimate, at least', () => {
  it('goes through the groups once, one by one', () => {
    const groups = [group({ announced: 31 }), group({ endpoint: 'get_feed' })]

    const ofIterator = estimate({
      ...{ groups: groups.values(), averages: null, limits: noLimits, prices: {} },
    })

    expect(ofIterator).toEqual(estimateOf(groups))
    expect(ofIterator.endless).toEqual(['get_feed'])
  })

  it.each<[string, Partial<PendingGroup>, number]>([
    ['one page of a list that announces nothing', {}, 1],
    ['the pages that are announced', { announced: 31 }, 4],
    ['the pages that are left', { announced: 31, itemsHeld: 20, pagesHeld: 2, page: 3 }, 2],
    ['one page where all is held', { announced: 31, itemsHeld: 40, pagesHeld: 4, page: 5 }, 1],
    ['as often as there are such lists', { announced: 31, requests: 7 }, 28],
  ])('counts %s', (_, facts, expected) => {
    expect(leastOf(estimateOf([group(facts)]))).toEqual({ get_post_comments: expected })
  })

  it('counts the pages that replies would fill, without those under comments that are held', () => {
    const whole = group({ announced: 20, announcedBelow: 40 })
    const half = group({ announced: 20, announcedBelow: 40, itemsHeld: 10, pagesHeld: 1, page: 2 })

    expect(leastOf(estimateOf([whole]))).toEqual({ get_post_comments: 2, get_comment_replies: 4 })
    expect(leastOf(estimateOf([half]))).toEqual({ get_post_comments: 1, get_comment_replies: 2 })
  })

  it('stops at the pages and steps that are wanted', () => {
    const list = group({ announced: 100, announcedBelow: 40, page: 2, itemsHeld: 10, pagesHeld: 1 })
    const limits = { ...noLimits, only: new Set(['comments']), maxPages: { comments: 4 } }

    expect(leastOf(estimateOf([list], { limits }))).toEqual({ get_post_comments: 3 })
  })

  it('adds up to calls and dollars at the prices that are named', () => {
    const groups = [group({ announced: 25 }), group({ endpoint: 'get_feed' })]

    const sum = estimateOf(groups, { prices: { perCall: { get_feed: 0.02 } } })

    expect(sum).toMatchObject({
      pending: 2,
      least_calls: 4,
      least_usd: 0.17,
      endless: ['get_feed'],
    })
  })
})

describe('estimate, expected', () => {
  it('is unknown where no post is held', () => {
    const sum = estimateOf([group()])

    expect(sum).toMatchObject({ expected_calls: null, expected_usd: null, expected_posts: null })
  })

  it('takes replies as lists of a few', () => {
    const list = group({ announced: 10, announcedBelow: 10 })

    const sum = estimateOf([list], { averages })

    expect(expectedOf(sum)).toEqual({ get_post_comments: 1, get_comment_replies: 6 })
  })

  it('adds what new posts bring, and the remixes of their remixes', () => {
    const list = group({ endpoint: 'get_post_remix_list', announced: 10 })

    const sum = estimateOf([list], { averages })

    expect(sum.expected_posts).toBe(20)
    expect(expectedOf(sum)).toEqual({
      get_post_remix_list: 1 + 20 * 0.5,
      get_post_comments: 20 * 2,
      get_comment_replies: 20 * 5 * 0.6,
    })
  })

  it('adds nothing of the steps that are not wanted', () => {
    const list = group({ endpoint: 'get_post_remix_list', announced: 10 })
    const limits = { ...noLimits, only: new Set(['remixes']) }

    const sum = estimateOf([list], { averages, limits })

    expect(expectedOf(sum)).toEqual({ get_post_remix_list: 11 })
  })

  it('stays finite where posts have a remix each, or more', () => {
    const list = group({ endpoint: 'get_post_remix_list', announced: 10 })

    const sum = estimateOf([list], { averages: { ...averages, remixes: 3 } })

    expect(sum.expected_posts).toBe(100)
  })
})
