import type { Profile } from '../../model/profiles.js'
import type { Column, Publish } from '../../model/table.js'

/** What is to be said of a column whose values are not as they were held. */
const notes: Partial<Record<Publish, string>> = {
  person: 'Here a pseudonym.',
  object: 'Here a pseudonym where it is a person.',
  handle: 'Here the pseudonym of the person.',
  text: 'Here with pseudonyms for mentions, and without addresses.',
  change: 'Here as the column that changed.',
  glyph: 'Here NULL if it holds letters.',
  word: 'Here `other` for what is not known.',
  day: 'Here the day alone.',
  post: 'Here NULL if that is not published.',
  comment: 'Here NULL if that is not published.',
  answer: 'Here a keyed digest.',
  file: 'Here a keyed digest.',
  list: 'Here a keyed digest.',
  seeds: 'Here with pseudonyms, and `*` for what is not told.',
  settings: 'Here only numbers, and true or false.',
  origin: 'Here `network` or `imported`.',
  place: 'Here keyed digests for names that are not known.',
}

/** Columns as a profile describes them. */
export const describedFor = (columns: readonly Column[], profile: Profile): Column[] =>
  columns.map((each) => {
    const note = profile === 'full' || !each.publish ? undefined : notes[each.publish]
    return note === undefined ? each : { ...each, about: `${each.about} ${note}` }
  })
