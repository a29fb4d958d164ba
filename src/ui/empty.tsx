import type { Child, PropsWithChildren } from 'hono/jsx'

interface EmptyListProps {
  /** What is missing, as a sentence. */
  title: string
  /** The one action that fills the list: a link or a form. */
  act?: Child
}

/** A list in which there is nothing at all. The children say what will be here, and what it is good for. */
export function EmptyList({ title, act, children }: PropsWithChildren<EmptyListProps>) {
  return (
    <div class="empty">
      <p>
        <b>{title}</b> {children}
      </p>
      {act}
    </div>
  )
}

/** A filter that matches nothing. @param href the list without filters */
export function NoMatches({ what, href }: { what: string; href: string }) {
  return (
    <p class="empty">
      No {what} match the filter. <a href={href}>Show all</a>
    </p>
  )
}

/** The usual action of an empty list. */
export function ActLink({ href, children }: PropsWithChildren<{ href: string }>) {
  return (
    <a class="button" href={href}>
      {children}
    </a>
  )
}
