/** `1 post`, `1,511 comments`: a whole number and what it counts, for people. */
export const counted = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`
