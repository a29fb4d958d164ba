import type { SourceOut } from '../sources/schemas'
import { SECTION } from './views'

/** Pauses, resumes or deletes a source, or rotates its URL. */
export function DangerSection({ source }: { source: SourceOut }) {
  const path = `${SECTION}/${source.id}`
  const isPaused = source.status === 'paused'
  return (
    <section>
      <form method="post" action={`${path}/${isPaused ? 'resume' : 'pause'}`}>
        <button type="submit">{isPaused ? 'Resume' : 'Pause'}</button>{' '}
        <span class="hint">
          {isPaused
            ? 'Messages received in the meantime are then processed.'
            : 'New messages are then stored, and processed when you resume.'}
        </span>
      </form>
      <Confirm action={`${path}/url`} label="Rotate URL" isCard>
        Use this if the URL has leaked. The old URL stops working within a minute. Enter the new one at the provider.
      </Confirm>
      <Confirm action={`${path}/delete`} label="Delete source" isCard>
        The URL stops working within a minute, and no further messages are processed. Received messages stay for their
        retention period.
      </Confirm>
    </section>
  )
}

interface ConfirmProps {
  action: string
  label: string
  /** False inside another card. */
  isCard?: boolean
  /** What happens. */
  children: string
}

/** A destructive action, whose button appears only after a first click. */
export function Confirm({ action, label, isCard = false, children }: ConfirmProps) {
  return (
    <details class={isCard ? 'card' : undefined}>
      <summary>{label}…</summary>
      <form method="post" action={action}>
        <p>{children}</p>
        <button class="danger" type="submit">
          {label}
        </button>
      </form>
    </details>
  )
}
