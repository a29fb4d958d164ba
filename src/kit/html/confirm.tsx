import type { Child, PropsWithChildren } from '#jsx'
import { ButtonForm } from './parts/form'

interface ConfirmProps {
  action: string
  /** The label of the button. */
  label: string
  /** The text that opens the form, without the ellipsis. Defaults to the label of the button. */
  summary?: string
  /** Whether the form is shown as a card. False inside another card. */
  isCard?: boolean
  /** Says what will happen, unless the children do. */
  help?: Child
}

/** A form for a destructive action. Its button appears only after a first click. */
export function Confirm({ summary, isCard = false, ...form }: PropsWithChildren<ConfirmProps>) {
  return (
    <details class={isCard ? 'card' : undefined}>
      <summary>{summary ?? form.label}…</summary>
      <ButtonForm {...form} kind="danger" />
    </details>
  )
}
