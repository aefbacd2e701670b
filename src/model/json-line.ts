/** For `JSON.stringify`: integers beyond numbers become text, so that JSON can hold them. */
export const exactInteger = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value

/** JSON on one line, also for readers that take U+2028 and U+2029 for line ends. */
export const toJsonLine = (value: unknown): string =>
  JSON.stringify(value, exactInteger).replace(/[\u2028\u2029]/g, (sign) =>
    sign === '\u2028' ? '\\u2028' : '\\u2029',
  )
