import { InputError } from '../model/errors.js'

/** Want of what the system grants a process, in words that say what to do; every other error as it is. */
export function toLimitError(error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: string }
  if (code !== 'EMFILE' && code !== 'ENFILE') return error
  return new InputError(
    'the system lets this program open too few files at a time. Raise the limit (`ulimit -n 1024` in the same ' +
      `shell), then run the same command: it goes on, what was saved is safe (${message}).`,
  )
}
