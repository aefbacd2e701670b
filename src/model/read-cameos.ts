import { readProfile } from './read-profile.js'
import type { Placed, Reading } from './reading.js'

/** Reads `cameo_profiles`: everyone cast, with full profiles. */
export function readCameos(
  reading: Reading,
  owner: { owner_kind: 'post' | 'comment' | 'generation'; owner_id: string },
  object: Placed,
): void {
  const problem = 'expected a list of profiles'
  for (const { item, path } of reading.itemsUnder(object, 'cameo_profiles', problem)) {
    if (item === null) reading.note(path, 'expected a profile', item)
    const userId = readProfile(reading, item, path)
    if (userId !== null) reading.tell('cameos', { ...owner, user_id: userId })
  }
}
