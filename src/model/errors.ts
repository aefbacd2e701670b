/** Wrong usage, configuration or input: the message says what, where and what to do. Exit code 2. */
export class InputError extends Error {
  override name = 'InputError'
}

/** The archive cannot be used as asked: not ours, too new, in use, not there. Exit code 2. */
export class ArchiveError extends InputError {
  override name = 'ArchiveError'
}
