/** Why limits leave a request out: it is `skipped`, and comes back when a run wants it. */
const limitReasons = ['only', 'max_pages', 'max_depth', 'since', 'until'] as const

/** Why limits leave a request out. */
export type LimitReason = (typeof limitReasons)[number]

/** Why an object is not there; `dropped`: a list that had shown it was walked to its end without it. */
export const absenceReasons = [
  ...(['tombstoned', 'not_found', 'forbidden', 'unavailable', 'dropped'] as const),
] as const

/** Why an object is not there. */
export type AbsenceReason = (typeof absenceReasons)[number]

/** The reasons for which a call can find nothing: they are reasons of its object's absence. */
export const emptyCallReasons = ['not_found', 'forbidden', 'unavailable'] as const

/** Why an answer is kept without records. */
export const oddReasons = ['other_object', 'unreadable', 'no_data'] as const

/** Why an answer is kept without records. */
export type OddReason = (typeof oddReasons)[number]

/** Why a request got no page at any try. */
const failureReasons = ['no_answer', 'bad_request', 'too_large'] as const

/** Why a request got no page at any try; a status that says nothing more stands for itself. */
export type FailureReason = (typeof failureReasons)[number] | `status_${number}`

/** All that `reason` of a request is known to say; `later_pass`: the next pass asked, or asks, for the same. */
export const requestReasons = [
  ...limitReasons,
  ...(['later_pass', 'forgotten'] as const),
  ...emptyCallReasons,
  ...failureReasons,
  ...oddReasons,
] as const

/** Why a list ended, but for a request that failed; `inlined`: it came whole inside another answer. */
export const endReasons = [
  ...(['end', 'count_reached', 'cursor_repeated', 'no_new_items', 'known_items'] as const),
  ...(['cursor_unreadable', 'inlined'] as const),
] as const

/** Why a list ended. */
export type EndReason = (typeof endReasons)[number]
