/** One JSON line per fact: ids and durations, never secrets, addresses or a guest's words. */
export function log(event: string, facts: Record<string, unknown> = {}): void {
  console.log(JSON.stringify({ event, ...facts }))
}

/** A fault of ours, with its cause, so that it can be found. */
export function logFault(event: string, cause: unknown, facts: Record<string, unknown> = {}): void {
  const { name, message, stack } = cause instanceof Error ? cause : new Error(String(cause))
  console.error(JSON.stringify({ event, error: `${name}: ${message}`, stack, ...facts }))
}
