import { isObject } from '../../../kit/lib/json'
import type { RpcParams } from './json-rpc'

/*
 * The arguments of `wait_for_inbound` that the API does not have. A wait asks the API every few seconds. With an API
 * key, each time takes three of the 50 queries that an invocation may make on the Free plan.
 */

export const MAX_WAIT_SECONDS = 25
export const POLL_EVERY_MS = 2_500

/** As JSON Schema, for the list of tools. */
export const WAIT_SCHEMA = {
  seconds: {
    type: 'integer',
    minimum: 1,
    maximum: MAX_WAIT_SECONDS,
    default: 20,
    description: 'How long to wait.',
  },
  after: {
    type: 'string',
    maxLength: 100,
    description:
      'The ID of the newest request that you have seen. Returns requests that arrived after it, even before this call. Without it, returns only requests that arrive from now on.',
  },
} as const

export type ToolWait = { ms: number; after: string | null; rest: RpcParams }

/** @returns the wait, or what is wrong with the arguments */
export function readWait({
  seconds = WAIT_SCHEMA.seconds.default,
  after = null,
  ...rest
}: RpcParams): ToolWait | string {
  const isInRange = Number.isInteger(seconds) && Number(seconds) >= 1 && Number(seconds) <= MAX_WAIT_SECONDS
  if (!isInRange) return `"seconds" must be a whole number from 1 to ${MAX_WAIT_SECONDS}.`
  if (after !== null && (typeof after !== 'string' || !/^in_\w{1,97}$/.test(after)))
    return '"after" must be the ID of a request, such as "in_...".'
  return { ms: Number(seconds) * 1_000, after, rest }
}

interface NewMessages {
  /** Oldest first. */
  data: RpcParams[]
  /** Whether there are older ones after the ID, which did not fit into the page. */
  has_more: boolean
}

/** @param page of the list of inbound messages, newest first @returns the messages after an ID */
export function newerThan(page: unknown, after: string | null): NewMessages {
  const { data, next } = isObject(page) ? page : { data: [], next: null }
  const listed = Array.isArray(data) ? data.filter(isObject) : []
  const newer = listed.filter(({ id }) => after === null || String(id) > after)
  return { data: newer.toReversed(), has_more: newer.length === listed.length && typeof next === 'string' }
}
