import type { Child } from '#jsx'

export type Tab = { href: string; label: Child; isCurrent: boolean }

/** The views of a page, as links: they work without scripts, and each has an address. @param label names the group */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ href, label, isCurrent }) => (
        <a href={href} aria-current={isCurrent ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  )
}
