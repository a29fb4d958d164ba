/*
 * A guestbook may send webhooks to another guestbook, which may send webhooks of its own, and so on. Each event carries
 * the number of guestbooks that it has already passed through, so that a loop of guestbooks stops.
 */

/** The header of every outgoing request that contains the number. */
export const HOPS_HEADER = 'Guesthook-Hops'

/** A request is refused if its event has passed through this many guestbooks. */
export const MAX_HOPS = 3

const LARGEST = 1_000

/**
 * @param value the value of the header; null if there is none, because the sender is not a guestbook
 * @returns the largest number in the value, because the platform joins headers that a request repeats
 */
export function readHops(value: string | null): number {
  const numbers = (value ?? '').match(/\d+/g) ?? []
  return Math.min(Math.max(0, ...numbers.map(Number)), LARGEST)
}
