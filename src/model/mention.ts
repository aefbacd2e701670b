/** How people are mentioned in texts, as pieces of regular expressions for the flags `iu`. */

/** Every way to write an `@`: wide, small, as HTML or in a URL (once or over again), in JSON. */
export const atSign =
  String.raw`(?:[@\uff20\ufe6b]|&(?:amp;)*(?:#0*64;?|#x0*40;|commat;)|%(?:25)*40` +
  String.raw`|\\u(?:0040|\{0*40\})|\\x40)`

/** Letters of a handle, or what looks as if it were one: wide, styled and confusable letters too. */
export const handleLetters =
  String.raw`\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}` +
  String.raw`\p{Script=Cherokee}\p{N}\p{M}\p{Cf}\u{1d400}-\u{1d7ff}\u24b6-\u24e9`

/** Letters of other scripts: of a handle, or of the words that follow one without a space. */
export const otherLetters = String.raw`\p{L}`

/** Signs that a handle may hold besides letters, and that may end a sentence behind one. */
export const handleStops = String.raw`._\-\uff0d\uff0e\uff3f`

/** What may stand between an `@` and a handle: nothing to be seen, marks of Markdown, brackets, quotes. */
export const betweenAtAndHandle = String.raw`[\p{Cf}\u034f\u115f\u1160\u3164\ufe00-\ufe0f\uffa0*~\x60\\\p{Ps}\p{Pi}<"']*`

const slash = String.raw`(?:\\?\/|%2f)`

/** What a handle without an `@` stands behind where it can be nothing else: a profile's address, or its key in JSON. */
export const beforePlainHandle = String.raw`(?:profile|username)${slash}@?|"username\\*"\s*:\s*\\*"@?`
