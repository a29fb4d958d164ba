import { titlesOf } from '../messages/titles'
import { type CandidateCount, countCandidates, type ReplayScope } from './select-messages'

/* What a replay would send, for people. */

export interface Preview extends CandidateCount {
  /** The first messages. Without a title, there are no words for one. */
  first: { id: string; title: string | undefined }[]
}

/** How many messages are shown. */
const SHOWN = 5

export async function previewReplay(env: Env, scope: ReplayScope): Promise<Preview> {
  const counted = await countCandidates(env, scope)
  const shown = counted.first_ids.slice(0, SHOWN).map((id) => ({ id }))
  const titles = await titlesOf(env, shown)
  return { ...counted, first: shown.map(({ id }) => ({ id, title: titles.get(id) })) }
}
