import type { EndpointName } from '../model/endpoints.js'
import type { Params } from '../model/page.js'
import { isPostId, isUserId } from '../model/ids.js'
import type { OwnerKind } from './variants.js'
import type { Use } from './wanted.js'

/** Whose a file is. */
export interface Owner {
  owner_kind: OwnerKind
  owner_id: string
}

/** True for a file of a draft. */
export const isOfDraft = ({ owners }: { owners: readonly Owner[] }): boolean =>
  owners.some(({ owner_kind }) => owner_kind === 'generation')

/** A call whose answer signs all files of one owner anew. */
export interface Renewal {
  endpoint: EndpointName
  params: Params
  owner: Owner
}

/**
 * The call that signs the files of an owner anew; NULL where no call does: drafts are told by no
 * endpoint of TikHub, a comment's video by none for sure.
 */
export function renewalOf(owner: Owner): Renewal | null {
  const { owner_kind, owner_id } = owner
  if (owner_kind === 'post' && isPostId(owner_id))
    return { endpoint: 'get_post_detail', params: { post_id: owner_id }, owner }
  if (owner_kind === 'user' && isUserId(owner_id))
    return { endpoint: 'get_user_profile', params: { user_id: owner_id }, owner }
  return null
}

/** A file that only a fresh signature can save. */
export interface Stale {
  owners: readonly Owner[]
  use: Use
}

/** A call that pays, and the files that depend on it. */
export interface PayingRenewal<File> extends Renewal {
  files: File[]
}

/** Worth of a file beside the price of a call: what can be played first. */
const worth: Readonly<Record<Use, number>> = { playable: 100, thumbnail: 10, rest: 1 }

/**
 * The calls that bring back the most for their price, the best first: each file is counted with the
 * first of its owners whom a call renews. A call on which no wanted file depends is none of them.
 */
export function planRenewals<File extends Stale>(files: readonly File[]): PayingRenewal<File>[] {
  const calls = new Map<string, PayingRenewal<File>>()
  for (const file of files) {
    const renewal = renewalFor(file)
    if (renewal === null) continue
    const key = keyOf(renewal.owner)
    const known = calls.get(key)
    if (known === undefined) calls.set(key, { ...renewal, files: [file] })
    else known.files.push(file)
  }
  return [...calls.values()].sort((one, other) => worthOf(other) - worthOf(one))
}

/** The call that renews a file; NULL if none does. */
export function renewalFor({ owners }: Pick<Stale, 'owners'>): Renewal | null {
  for (const owner of owners) {
    const renewal = renewalOf(owner)
    if (renewal !== null) return renewal
  }
  return null
}

const worthOf = ({ files }: PayingRenewal<Stale>): number =>
  files.reduce((sum, { use }) => sum + worth[use], 0)

/** One text for an owner. */
export const keyOf = ({ owner_kind, owner_id }: Owner): string => `${owner_kind} ${owner_id}`

/** What a file is after the call that was to renew it. */
export interface Renewed {
  /** The answer named the file. */
  isTold: boolean
  /** Its newest link; NULL: none is known. */
  link: { deadline: number | null; isNew: boolean } | null
}

/** `fresh`: to be saved now. `not_renewed`: the same link again, or one that ends as soon. */
export type RenewedState = 'fresh' | 'not_told' | 'not_renewed'

/** What a call for a fresh signature came to for one file; `now` and `margin` in microseconds. */
export function stateAfter(
  { isTold, link }: Renewed,
  { now, margin }: { now: number; margin: number },
): RenewedState {
  if (!isTold) return 'not_told'
  const isGood = link !== null && (link.deadline === null || link.deadline > now + margin)
  return isGood && link.isNew ? 'fresh' : 'not_renewed'
}
