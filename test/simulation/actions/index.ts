import { ENDPOINTS } from './endpoints'
import { ENTRIES } from './entries'
import { KEYS } from './keys'
import type { Kind } from './kind'
import { QUEUE_AND_TIME } from './queue-and-time'
import { WEBHOOKS } from './webhooks'

/** The kinds of actions, by name. Actions of one group are about the same things. */
export const GROUPS: Record<string, Kind>[] = [ENTRIES, WEBHOOKS, ENDPOINTS, KEYS, QUEUE_AND_TIME]

export const KINDS: Record<string, Kind> = Object.assign({}, ...GROUPS)
