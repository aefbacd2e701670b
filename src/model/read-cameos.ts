import { readProfile } from './read-profile.js'
import { under, type Path, type Reading, type Wire } from './reading.js'

/** Reads `cameo_profiles`: everyone cast, with full profiles. */
export function readCameos(
  reading: Reading,
  owner: { owner_kind: 'post' | 'comment' | 'generation'; owner_id: string },
  object: Wire,
  path: Path,
): void {
  const cast = object['cameo_profiles']
  if (cast === undefined || cast === null) return
  const here = under(path, 'cameo_profiles')
  if (!Array.isArray(cast)) return reading.note(here, 'expected a list of profiles', cast)
  cast.forEach((profile: unknown, index) => {
    if (profile === null) return reading.note(under(here, index), 'expected a profile', profile)
    const userId = readProfile(reading, profile, under(here, index))
    if (userId !== null) reading.tell('cameos', { ...owner, user_id: userId })
  })
}
