import { type Act, isOneOf, statesBefore } from '../../../kit/lib/states'

/** `new`: not processed yet. */
export const INBOUND_STATUSES = ['new', 'processed', 'failed'] as const
export type InboundStatus = (typeof INBOUND_STATUSES)[number]

/**
 *   due      new, until the consumer has processed it
 *   parked   new, until its source is resumed
 */
export const INBOUND_STATES = ['due', 'parked', 'processed', 'failed'] as const
export type InboundState = (typeof INBOUND_STATES)[number]

/** What each act makes of an inbound message. */
export const INBOUND_ACTS = {
  accepted: { by: 'a sender', to: { none: 'due' } },
  answered: { by: 'a handshake', to: { none: ['processed', 'failed'] } },
  refused: { by: 'a source that verifies first', to: { none: 'failed' } },
  repeated: { by: 'a sender', to: { failed: 'due' }, also: 'repeats + 1' },
  claimed: { by: 'the sweep', to: { due: 'due' } },
  parked: { by: 'the consumer, if its source is paused', to: { due: 'parked' } },
  resumed: { by: 'the owner', to: { parked: 'due' } },
  processed: { by: 'the consumer', to: { due: 'processed', parked: 'processed' }, also: 'the event, or the entry' },
  failed: { by: 'the consumer', to: { due: 'failed', parked: 'failed' } },
  postponed: { by: 'the consumer, after an error', to: { due: ['due', 'failed'], parked: ['due', 'failed'] } },
  reprocessed: { by: 'a person', to: { processed: 'due', failed: 'due' } },
  all_reprocessed: { by: 'a person', to: { failed: 'due' } },
  removed: { by: 'retention', to: { processed: 'none', failed: 'none' } },
  erased: { by: 'a deletion', to: { due: 'none', parked: 'none', processed: 'none', failed: 'none' } },
} as const satisfies Record<string, Act<InboundState>>
export type InboundAct = keyof typeof INBOUND_ACTS

const NEW: Partial<Record<InboundState, string>> = {
  due: 'next_attempt_at is not null',
  parked: 'next_attempt_at is null',
}

/** SQL: an act changes a row in `inbound_messages`, because of its state. @param prefix of the columns, such as `m.` */
export function inboundCanBe(act: InboundAct, prefix = ''): string {
  const before: readonly InboundState[] = statesBefore<InboundState>(INBOUND_ACTS[act])
  const isNew = before.filter((state) => NEW[state] !== undefined)
  const settled = before.filter((state) => NEW[state] === undefined)
  if (isNew.length === 0) return isOneOf(`${prefix}status`, settled)
  const [only, other] = isNew
  if (settled.length > 0 || !only) throw new Error(`There is no statement for ${act}.`)
  return `${prefix}status = 'new'${other ? '' : ` and ${prefix}${NEW[only]}`}`
}
