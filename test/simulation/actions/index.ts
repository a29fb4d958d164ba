import { BOOKS } from './books'
import { DASHBOARD } from './dashboard'
import { ENDPOINTS } from './endpoints'
import { ENTRIES } from './entries'
import { EVENTS } from './events'
import { FORMS } from './forms'
import { KEYS } from './keys'
import type { Kind } from './kind'
import { QUEUE_AND_TIME } from './queue-and-time'
import { REGISTRATION } from './registration'
import { SELECTIONS } from './selections'
import { SLOWLY } from './slowly'
import { VISITS } from './visits'
import { WEBHOOKS } from './webhooks'

type Kinds = Record<string, Kind>

/** The kinds of actions, by name. Actions of one group are about the same things. */
export const GROUPS: Record<string, Kinds> = {
  entries: { ...ENTRIES, ...FORMS },
  moderation: DASHBOARD,
  books: { ...BOOKS, ...VISITS },
  webhooks: WEBHOOKS,
  endpoints: { ...ENDPOINTS, ...EVENTS, ...SELECTIONS },
  registration: REGISTRATION,
  keys: KEYS,
  queue: { ...QUEUE_AND_TIME, ...SLOWLY },
}

export const KINDS: Kinds = Object.assign({}, ...Object.values(GROUPS))
