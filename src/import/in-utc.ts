/** Some scripts write a time without its zone: it is the same on every machine that reads it. */
export const inUtc = (time: string): string => (/[T ][\d:.]+$/.test(time) ? `${time}Z` : time)
