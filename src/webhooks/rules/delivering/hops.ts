/* Each event carries how many guestbooks it has passed through, so that a loop of guestbooks stops. */

/** The header of every outgoing request that contains the number. */
export const HOPS_HEADER = 'Guesthook-Hops'

/** A request is refused if its event has passed through this many guestbooks. */
export const MAX_HOPS = 3

const LARGEST = 1_000

/** @param value null if the sender is no guestbook. @returns the largest number: the platform joins repeated headers */
export function readHops(value: string | null): number {
  const numbers = (value ?? '').match(/\d+/g) ?? []
  return Math.min(Math.max(0, ...numbers.map(Number)), LARGEST)
}
