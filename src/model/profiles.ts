/**
 * What of an archive leaves: `full` for oneself; `research` with pseudonyms, without what nobody knows to
 * be public; `ids` only ids and edges, people as pseudonyms too.
 */
export const profiles = ['full', 'research', 'ids'] as const

/** What of an archive leaves. */
export type Profile = (typeof profiles)[number]

/**
 * What becomes of posts and comments that were deleted: they stay as they were held, they stay without
 * their words and files, or they are left out with all that hangs on them.
 */
export const tombstoneKinds = ['keep', 'blank', 'drop'] as const

/** What becomes of posts and comments that were deleted. */
export type Tombstones = (typeof tombstoneKinds)[number]

/** What of an archive leaves, and how. */
export interface View {
  profile: Profile
  tombstones: Tombstones
}

/** True where nothing is rewritten and nothing left out: it leaves as it is held. */
export const isAsHeld = ({ profile, tombstones }: View): boolean =>
  profile === 'full' && tombstones === 'keep'
