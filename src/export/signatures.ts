import type { Row } from '../archive/snapshot.js'
import { withoutSignature } from '../model/signed-url.js'
import type { Column } from '../model/table.js'

/** A function that takes the signatures off the URLs of a row, in place. */
export function signatureRemover(columns: readonly Column[]): (row: Row) => void {
  const places = columns.flatMap((each, place) => (each.signed ? [place] : []))
  return (row) => {
    for (const place of places) {
      const url = row[place]
      if (typeof url === 'string') row[place] = withoutSignature(url)
    }
  }
}
