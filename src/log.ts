import { escapeInvisible } from './kit/lib/text/bidi'

/** Logs one event as one line of JSON: ids and durations, but never secrets, addresses or a guest's text. */
export function log(event: string, facts: Record<string, unknown> = {}): void {
  console.log(toLine({ event, ...facts }))
}

/** Logs an internal error with its cause and stack. */
export function logFault(event: string, cause: unknown, facts: Record<string, unknown> = {}): void {
  const { name, message, stack } = cause instanceof Error ? cause : new Error(String(cause))
  console.error(toLine({ event, error: `${name}: ${message}`, stack, ...facts }))
}

/** A path or an error can quote what a stranger sent. Such text must not change how the line looks in a terminal. */
const toLine = (facts: Record<string, unknown>): string => escapeInvisible(JSON.stringify(facts))
