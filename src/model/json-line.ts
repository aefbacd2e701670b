/** JSON on one line, also for readers that take U+2028 and U+2029 for line ends. */
export const toJsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u2028\u2029]/g, (sign) =>
    sign === '\u2028' ? '\\u2028' : '\\u2029',
  )
