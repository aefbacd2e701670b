import { InputError } from '../model/errors.js'

/** Longer than anybody reads on a card, and short enough to be held. */
const mostCharacters = 200_000

/** What no text holds that somebody wrote, and readers of Markdown and JSON stumble over. */
const unwritten = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/

/**
 * The makers' own words as the card shows them, in lines that end alike everywhere.
 * @throws InputError for what is no text, or none that a card has room for
 */
export function toNotes(text: string): string {
  const notes = text.replace(/\r\n?/g, '\n').trim()
  if (notes === '') throw new InputError('--notes names a file without words; leave it out')
  if (unwritten.test(notes) || !notes.isWellFormed())
    throw new InputError('--notes names a file that is no text in UTF-8')
  if (notes.length > mostCharacters)
    throw new InputError(
      `--notes names a file of ${notes.length} characters; a card has room for ${mostCharacters}`,
    )
  return notes
}
