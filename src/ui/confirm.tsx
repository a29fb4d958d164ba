import type { PropsWithChildren } from 'hono/jsx'

interface ConfirmProps {
  action: string
  /** The button. */
  label: string
  /** What opens the form, without the ellipsis. By default the same as the button. */
  summary?: string
  /** False inside another card. */
  isCard?: boolean
}

/** A destructive action, whose button appears only after a first click. The children say what happens. */
export function Confirm({ action, label, summary = label, isCard = false, children }: PropsWithChildren<ConfirmProps>) {
  return (
    <details class={isCard ? 'card' : undefined}>
      <summary>{summary}…</summary>
      <form method="post" action={action}>
        <p>{children}</p>
        <button class="danger" type="submit">
          {label}
        </button>
      </form>
    </details>
  )
}
