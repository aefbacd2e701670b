import { defaultSecondLook, extraSteps, type ExtraName, type SecondLook } from '../model/extras.js'
import type { WalkLimits } from '../model/walk-plan.js'
import type { Archive } from './archive.js'
import { firstPage } from './list-of-request.js'

/** The subjects of each extra step that are wanted and not held, as a query of one column, `id`. */
const subjects: Readonly<Record<ExtraName, string>> = {
  profiles: `
    SELECT author_id AS id FROM (SELECT author_id FROM posts UNION SELECT author_id FROM comments)
    WHERE author_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM users WHERE user_id = author_id AND full_at IS NOT NULL)`,
  ancestors: `
    SELECT parent_post_id AS id FROM remixes
    WHERE NOT EXISTS (SELECT 1 FROM posts WHERE post_id = remixes.parent_post_id
                      AND (full_at IS NOT NULL OR tombstoned_at IS NOT NULL))
      AND NOT EXISTS (SELECT 1 FROM absences
                      WHERE entity_kind = 'post' AND entity_id = parent_post_id)`,
  followers: `
    SELECT author_id AS id FROM posts LEFT JOIN users ON user_id = author_id
    WHERE author_id IS NOT NULL AND coalesce(follower_count, 1) > 0`,
  appearances: `
    SELECT user_id AS id FROM cameos LEFT JOIN users USING (user_id)
    WHERE coalesce(cameo_count, 1) > 0`,
  second_look: `
    SELECT post_id AS id FROM posts
    WHERE first_seen_at - posted_at < :young AND first_seen_at + :after <= :now
      AND last_seen_at < first_seen_at + :after AND tombstoned_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM absences WHERE entity_kind = 'post' AND entity_id = post_id)`,
}

const idsAtATime = 1000

/**
 * Plans what the extra steps ask for, by what is held now: after the walk, since it may still bring for
 * nothing what they would pay for. Yields after every stretch how many of its requests are new.
 */
export function* planExtras(
  archive: Archive,
  plan: {
    extras: readonly ExtraName[]
    pass: number
    limits: WalkLimits
    now: () => number
    secondLook?: SecondLook | undefined
  },
): Generator<number, void> {
  const { extras, pass, limits, now, secondLook = defaultSecondLook } = plan
  const hour = 3600e6
  const times = {
    young: secondLook.youngHours * hour,
    after: secondLook.afterHours * hour,
    now: now(),
  }
  for (const { endpoint, name } of extraSteps.filter((each) => extras.includes(each.name)))
    for (const ids of idsOf(archive, name, times))
      yield archive.transaction(() => {
        const isNew = (id: string): boolean => {
          const request = firstPage(endpoint, id, { pass, parentRequestId: null, depth: 1 })
          return archive.frontier.add(request, limits, now())
        }
        return ids.filter(isNew).length
      })
}

/** The subjects of a step, a thousand at a time, however many there are. */
function* idsOf(
  archive: Archive,
  name: ExtraName,
  times: Record<string, number>,
): Generator<string[]> {
  const sql = `SELECT DISTINCT id FROM (${subjects[name]}) WHERE id > :last ORDER BY id LIMIT ${idsAtATime}`
  const select = archive.database.prepare(sql).pluck()
  for (let last = ''; ;) {
    const ids = select.all({ ...times, last }) as string[]
    if (ids.length === 0) return
    yield ids
    last = ids.at(-1)!
  }
}
