/**
 * Aborts a controller as soon as a signal comes, for the signal's reason; at once where it came
 * before. @returns what no longer follows it, so that a signal that outlives the controller lets go
 */
export function followSignal(
  controller: AbortController,
  signal: AbortSignal | undefined,
): () => void {
  const follow = () => controller.abort(signal?.reason)
  if (signal?.aborted) follow()
  signal?.addEventListener('abort', follow, { once: true })
  return () => signal?.removeEventListener('abort', follow)
}
