/** Logs one fact as one line of JSON: ids and durations, never secrets, addresses or the text of a guest. */
export function log(event: string, facts: Record<string, unknown> = {}): void {
  console.log(JSON.stringify({ event, ...facts }))
}

/** Logs a fault of ours with its cause and stack. */
export function logFault(event: string, cause: unknown, facts: Record<string, unknown> = {}): void {
  const { name, message, stack } = cause instanceof Error ? cause : new Error(String(cause))
  console.error(JSON.stringify({ event, error: `${name}: ${message}`, stack, ...facts }))
}
