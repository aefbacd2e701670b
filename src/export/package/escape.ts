/** Signs that a reader would obey instead of showing them: controls, and what turns text around. */
const obeyed =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g

/** One line of visible text. */
export const toPlainLine = (text: string): string => text.toWellFormed().replace(obeyed, ' ')

/** Text that Markdown, and HTML inside of it, shows as it is. */
export const toMarkdown = (text: string): string =>
  toPlainLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]()#+\-.!|~:@$^="/]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** A name in the type of code, where its signs are plain ones; any other as Markdown shows it. */
export const toCode = (name: string): string =>
  /^[\w@][\w:.*-]*$/.test(name) ? `\`${name}\`` : toMarkdown(name)
