import { timeOfId } from '../../../kit/lib/ids'
import type { Translator } from '../../rules/languages'
import { EditLink } from '../entry-views'
import type { BookLocation } from '../location'

/** What has just happened to the guest's entry. Spam counts as held. */
export const OUTCOMES = ['published', 'held', 'private', 'edited', 'edited_held', 'deleted'] as const
export type Outcome = (typeof OUTCOMES)[number]

interface ThanksProps {
  outcome: Outcome
  where: BookLocation
  translate: Translator
  /** The entry, if this browser can still change it. Right above the entry, which has the same link, no link is needed. */
  id: string | undefined
  /** Whether the entry is on this page. */
  isHere: boolean
  isWaiting: boolean
}

/** Says what has happened to an entry, and where it is. A private entry is nowhere. */
export function Thanks({ outcome, where: { path, target }, translate, id, isHere, isWaiting }: ThanksProps) {
  const { text } = translate
  const status = isWaiting ? 'held' : 'published'
  return (
    <p class={`notice good ${outcome}`} id="thanks" role="status" tabindex={-1}>
      {text(`thanks_${outcome}`)}
      {id !== undefined && outcome !== 'deleted' && (
        <>
          {' '}
          {outcome !== 'private' && [
            <a href={isHere ? `#${id}` : `${path}?entry=${id}`} target={target}>
              {text('to_entry')}
            </a>,
            ' · ',
          ]}
          <EditLink entry={{ id, status, is_private: 0, created_at: timeOfId(id) }} translate={translate} />
        </>
      )}
    </p>
  )
}
