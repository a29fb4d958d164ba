import { type Child, type PropsWithChildren, useContext } from '#jsx'
import { Address, earlierPages, newerPage, olderPage } from './contexts/address'

/* What every list has: rows that stay up to date, links to other pages, and a text while it is empty. */

interface PagesProps {
  /** The cursor of the next page; null on the last page. */
  next: string | null
  /** The name of the cursor in the query. */
  param?: string
  /** The id of the list, so that its next page starts there. */
  at?: string
  isOldestFirst?: boolean | undefined
}

/** The id of a list that is the only one of its page. */
export const LIST = 'list'

/** Where a list starts. The links to its other pages and its filter lead here, so that people keep their place. */
export const ListStart = () => <div id={LIST} class="list-start" />

export function Pages({ next, param = 'cursor', at = LIST, isOldestFirst }: PagesProps) {
  const address = useContext(Address)
  const newer = newerPage(address, param)
  const hash = `#${at}`
  if (next === null && newer === null) return null
  const links = { newer: newer && newer + hash, older: next && olderPage(address, param, next) + hash }
  return (
    <Turning label="Pages" {...links} isOldestFirst={isOldestFirst}>
      <Numbers pages={earlierPages(address, param)} hash={hash} />
    </Turning>
  )
}

/** How many of the pages before this one have links, besides the first. */
const NEAR = 4

/** The numbers of this page and those before it. How many follow is unknown, because counting would read every row. */
function Numbers({ pages, hash }: { pages: string[] | null; hash: string }) {
  if (pages === null) return null
  const isNear = (i: number) => i === 0 || i >= pages.length - NEAR
  return (
    <>
      {pages.map((href, i) =>
        isNear(i) ? (
          <a href={href + hash} aria-label={`Page ${i + 1}`}>
            {i + 1}
          </a>
        ) : (
          i === 1 && <span>…</span>
        )
      )}
      <b aria-current="page">{pages.length + 1}</b>
    </>
  )
}

type NeighborsProps = { newer: string | null; older: string | null }
type TurningProps = PropsWithChildren<NeighborsProps & { label: string; isOldestFirst?: boolean | undefined }>

/** The details before and after this one in the list. */
export const Neighbors = (props: NeighborsProps) => <Turning label="Neighbors" {...props} />

function Turning({ label, newer, older, isOldestFirst, children }: TurningProps) {
  return (
    <nav class="pages" aria-label={label}>
      {newer && (
        <a rel="prev" href={newer}>
          « {isOldestFirst ? 'Older' : 'Newer'}
        </a>
      )}
      {children}
      {older && (
        <a rel="next" href={older}>
          {isOldestFirst ? 'Newer' : 'Older'} »
        </a>
      )}
    </nav>
  )
}

interface EmptyListProps {
  /** What is missing, as a sentence. */
  title: string
  /** The one action that fills the list: a link or a form. */
  act?: Child
  /** Says what will be here, and what it is good for. */
  help: Child
}

/** A list in which there is nothing at all. */
export function EmptyList({ title, act, help }: EmptyListProps) {
  return (
    <div class="empty">
      <p>
        <b>{title}</b> {help}
      </p>
      {act}
    </div>
  )
}

type NoMatchesProps = { what: string; href: string; act?: string; next?: string | null }

/**
 * A filter that matches nothing, or nothing so far if there is a next page.
 * @param props.href the list without filters, unless `act` says what else it is
 */
export function NoMatches({ what, href, act = 'Show all', next = null }: NoMatchesProps) {
  if (next !== null) return <p class="empty">No matching {what} so far. Use the link below to keep searching.</p>
  return (
    <p class="empty">
      No {what} match the filter. <a href={href}>{act}</a>
    </p>
  )
}

/** An action that leads to another page, such as the usual one of an empty list. */
export function ActLink({ href, isPrimary, children }: PropsWithChildren<{ href: string; isPrimary?: boolean }>) {
  return (
    <a class={isPrimary ? 'button primary' : 'button'} href={href}>
      {children}
    </a>
  )
}
