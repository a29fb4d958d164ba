import { type UnknownFilter, unknownFilters } from '../../rules/events/suggest'
import { titlesOfMessages } from '../messages/event-titles'
import { type ReplayScope, selectionFor } from './run-jobs'
import { countSelection, type SelectionCount } from './selection'

/* What a replay would send, for people. */

export interface ResendPreview extends SelectionCount {
  /** The first messages. Without a title, there are no words for one. */
  first: { id: string; title: string | undefined }[]
  /** If nothing matches, the event types that do not exist. */
  unknown: UnknownFilter[]
}

/** How many messages are shown. */
const SHOWN = 5

/** @param types the names of all event types, which only the owner may know: null for an integrator */
export async function previewReplay(env: Env, scope: ReplayScope, types: string[] | null): Promise<ResendPreview> {
  const counted = await countSelection(env, 'resend', selectionFor(scope))
  const shown = counted.first_ids.slice(0, SHOWN).map((id) => ({ id }))
  const isLost = types !== null && counted.count === 0
  const unknown = isLost ? unknownFilters(JSON.parse(scope.event_types ?? '[]'), types) : []
  const titles = await titlesOfMessages(env, shown, types !== null)
  return { ...counted, first: shown.map(({ id }) => ({ id, title: titles.get(id) })), unknown }
}
