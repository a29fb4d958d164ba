import { type Child, useContext } from '#jsx'
import { keepFlash } from '../../http/flash'
import { Kept } from './form'

export type Tab = { href: string; label: Child; isCurrent: boolean }

/** The views of a page, as links: they work without scripts, and each has an address. @param label names the group */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  const kept = useContext(Kept)
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ href, label, isCurrent }) => (
        <a href={keepFlash(href, kept)} aria-current={isCurrent ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  )
}
