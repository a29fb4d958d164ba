/** Logs one event as one line of JSON: ids and durations, but never secrets, addresses or a guest's text. */
export function log(event: string, facts: Record<string, unknown> = {}): void {
  console.log(JSON.stringify({ event, ...facts }))
}

/** Logs an internal error with its cause and stack. */
export function logFault(event: string, cause: unknown, facts: Record<string, unknown> = {}): void {
  const { name, message, stack } = cause instanceof Error ? cause : new Error(String(cause))
  console.error(JSON.stringify({ event, error: `${name}: ${message}`, stack, ...facts }))
}
