import { ENDPOINTS } from './endpoints'
import { ENTRIES } from './entries'
import { KEYS } from './keys'
import type { Kind } from './kind'
import { QUEUE_AND_TIME } from './queue-and-time'
import { WEBHOOKS } from './webhooks'

/** Every kind of action, by name. */
export const KINDS: Record<string, Kind> = {
  ...ENTRIES,
  ...WEBHOOKS,
  ...ENDPOINTS,
  ...KEYS,
  ...QUEUE_AND_TIME,
}
