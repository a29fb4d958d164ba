import { EditLink } from '../reading/entry-views'
import type { BookLocation } from '../reading/location'
import type { Translator } from '../rules/languages/index'
import type { CommentRow } from '../store'

/** What has just happened to the guest's entry. Spam counts as held. */
export const THANKED_FOR = ['published', 'held', 'private', 'edited', 'edited_held', 'deleted'] as const
export type ThankedFor = (typeof THANKED_FOR)[number]

interface ThanksProps {
  outcome: ThankedFor
  where: BookLocation
  translate: Translator
  /** The entry, if this browser can still change it. Right above the entry, which has the same link, no link is needed. */
  entry: CommentRow | undefined
  /** Whether the entry is on this page. */
  isHere: boolean
}

/** Says what has happened to an entry, and where it is. One that is private, or that the owner has hidden, is nowhere. */
export function Thanks({ outcome, where: { path, target }, translate, entry, isHere }: ThanksProps) {
  const { text } = translate
  return (
    <p class={`notice good ${outcome}`} id="thanks" role="status" tabindex={-1}>
      {text(`thanks_${outcome}`)}
      {entry && outcome !== 'deleted' && (
        <>
          {' '}
          {entry.status !== 'hidden' && [
            <a href={isHere ? `#${entry.id}` : `${path}?entry=${entry.id}`} target={target}>
              {text('to_entry')}
            </a>,
            ' · ',
          ]}
          <EditLink entry={entry} translate={translate} />
        </>
      )}
    </p>
  )
}
