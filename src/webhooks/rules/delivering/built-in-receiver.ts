/*
 * The URL of the built-in receiver, `guesthook:receiver/src_...`, names a source. It gets deliveries without a request,
 * because a Worker cannot call itself. Only the dashboard can create such a URL; the URL policy refuses it elsewhere.
 */

import { shorten } from '../../../kit/lib/text/shorten'

const PREFIX = 'guesthook:receiver/'

/** How people call an endpoint with such a URL. */
export const RECEIVER_NAME = 'Built-in receiver'

/** The only event types that it may get. An event about an inbound message would cause another inbound message. */
export const RECEIVER_EVENT_TYPES = ['comment.*']

export const receiverUrl = (source_id: string): string => PREFIX + source_id

/** @returns the id of the source that an endpoint's URL names, or null if the URL is an ordinary one */
export function receiverSource(url: string): string | null {
  return url.startsWith(PREFIX) ? url.slice(PREFIX.length) : null
}

/** @returns the SQL for whether an endpoint is another one: counts and lists leave the built-in receiver out */
export const isOtherUrl = (column: string): string => `${column} not like '${receiverUrl('%')}'`

/**
 * @param max in code points
 * @returns what every page calls an endpoint: its description, or its host and path. A query may be a credential
 */
export function endpointName({ url, description }: { url: string; description: string | null }, max = 60): string {
  const address = url.replace(/^(https?:\/\/|mailto:)|\/?([?#].*)?$/gi, '')
  return shorten(description || (receiverSource(url) === null ? address : RECEIVER_NAME), max)
}

/** @returns the first of these filters that could match something else than an event about an entry, or null */
export function findForeignType(event_types: readonly string[]): string | null {
  return event_types.find((filter) => !filter.startsWith('comment.')) ?? null
}
