import { PORTABLE_BOOKS as BOOKS, MAX_BOOKS } from '../../../guestbook/books/store'
import { PORTABLE_ENTRIES as ENTRIES } from '../../../guestbook/bulk/insert'
import { PORTABLE_PICTURES as PICTURES } from '../../../guestbook/pictures/store'
import { PORTABLE_WEBMENTIONS as WEBMENTIONS } from '../../../guestbook/webmentions/store'
import { type Portable, type Readable, readable } from '../../../kit/db/portable'
import { PORTABLE_SETTINGS as SETTINGS } from '../../../kit/db/settings'
import { BUILT_IN_RECEIVER_SETTING as RECEIVER } from '../../../webhooks/endpoints/built-in-receiver'
import { PORTABLE_ENDPOINTS as ENDPOINTS } from '../../../webhooks/endpoints/store'
import { PORTABLE_EVENT_TYPES as EVENT_TYPES } from '../../../webhooks/event-types/store'
import { PORTABLE_SIGNING_KEYS as SIGNING_KEYS } from '../../../webhooks/signing-keys/store'
import { PORTABLE_SOURCES as SOURCES } from '../../../webhooks/sources/store'
import { inboundMessages } from '../../../webhooks/tables/incoming'
import { deliveries, messages } from '../../../webhooks/tables/outgoing'
import { GENERAL_SETTINGS } from '../../dashboard/general-settings'
import { PORTABLE_IMPORTED_RECORDS as IMPORTED } from '../importing/store'

/* What an export consists of, in the order in which it has to be restored. */

interface Page {
  /** How many rows one response contains. Secrets take time. */
  limit: number
  /** The column with the encrypted secrets. */
  secrets?: 'secrets' | 'seed'
}

export type ReadKind = Readable & Page
export type Kind = Portable & Page

const FEW = 50
const MANY = 200

export const KINDS = {
  setting: { ...SETTINGS, limit: FEW },
  event_type: { ...EVENT_TYPES, limit: FEW },
  signing_key: { ...SIGNING_KEYS, limit: FEW, secrets: 'seed' },
  book: { ...BOOKS, limit: MAX_BOOKS },
  // Each has up to `PICTURE_MAX_BYTES`, in base64.
  picture: { ...PICTURES, limit: 10 },
  endpoint: { ...ENDPOINTS, limit: FEW, secrets: 'secrets' },
  source: { ...SOURCES, limit: FEW, secrets: 'secrets' },
  entry: { ...ENTRIES, limit: MANY },
  webmention: { ...WEBMENTIONS, limit: MANY },
  import_record: { ...IMPORTED, limit: MANY },
} satisfies Record<string, Kind>

/** Kinds of lines that belong to a book. */
export const OF_BOOKS: string[] = ['entry', 'picture', 'webmention'] satisfies (keyof typeof KINDS)[]

/** The other settings are about this deployment, or are not the owner's. */
export const MOVED_SETTINGS: string[] = [...Object.keys(GENERAL_SETTINGS), RECEIVER]

/** The log, which is for reading only. It is not restored. */
export const LOG_KINDS: Record<string, ReadKind> = {
  message: {
    ...readable(messages, ['id', 'type', 'created_at', 'book', 'about', 'hops', 'erased_at', 'payload']),
    limit: 25,
  },
  delivery: {
    ...readable(deliveries, [
      'endpoint_id',
      'message_id',
      'status',
      'reason',
      'trigger',
      'attempt_count',
      'last_status_code',
      'settled_at',
    ]),
    limit: MANY,
  },
  inbound: {
    ...readable(inboundMessages, [
      'id',
      'source_id',
      'status',
      'reason',
      'event_type',
      'external_id',
      'method',
      'size',
      'received_at',
      'processed_at',
      'message_id',
      'comment_id',
    ]),
    limit: MANY,
  },
}
