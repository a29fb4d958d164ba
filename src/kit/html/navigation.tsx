import { useContext } from '#jsx'
import { DASHBOARD } from '../lib/paths'
import { MAX_WAITING, Waiting } from './contexts/waiting'
import { ButtonForm } from './parts/form'

/** The sections of the dashboard, in groups. A page belongs to the section whose address is the longest above it. */
const GROUPS = {
  Guestbook: { [DASHBOARD.entries]: 'Entries', [DASHBOARD.books]: 'Books', [DASHBOARD.bans]: 'Bans' },
  Outgoing: {
    [DASHBOARD.endpoints]: 'Endpoints',
    [DASHBOARD.messages]: 'Messages',
    [DASHBOARD.eventTypes]: 'Event types',
  },
  Incoming: { [DASHBOARD.sources]: 'Sources', [DASHBOARD.requests]: 'Requests' },
  Settings: {
    [DASHBOARD.settings]: 'General',
    [DASHBOARD.signingKeys]: 'Signing keys',
    [DASHBOARD.access]: 'API keys and sessions',
    [DASHBOARD.storage]: 'Storage',
    [DASHBOARD.moving]: 'Import and export',
    [DASHBOARD.system]: 'System',
    [DASHBOARD.auditLog]: 'Audit log',
  },
} as const

type Groups = typeof GROUPS
type In<Group> = Group extends unknown ? keyof Group : never

/** The address of a section. */
export type SectionHref = typeof DASHBOARD.overview | In<Groups[keyof Groups]>

const LABELS = Object.assign({ [DASHBOARD.overview]: 'Overview' }, ...Object.values(GROUPS)) as Record<
  SectionHref,
  string
>

/** @returns the section that a page under `/admin` belongs to */
export function sectionOf(path: string): { href: SectionHref; label: string } {
  const above = (Object.keys(LABELS) as SectionHref[]).filter((href) => path === href || path.startsWith(`${href}/`))
  const href = above.reduce((longest, other) => (other.length > longest.length ? other : longest), DASHBOARD.overview)
  return { href, label: LABELS[href] }
}

/**
 * A rail on a desktop. On a phone it is one line, and its button opens the menu: a popover needs no script. The search
 * needs one, so the stylesheet hides its button without scripts.
 * https://html.spec.whatwg.org/multipage/popover.html
 */
export function Navigation({ current }: { current: SectionHref }) {
  return (
    <nav class="rail" aria-label="Dashboard">
      <a class="brand" href="/">
        Guesthook
      </a>
      <button class="find" type="button">
        Search
      </button>
      <button class="menu" type="button" popovertarget="menu">
        <span aria-hidden="true">☰</span> Menu
        <WaitingNumber />
      </button>
      <div id="menu" class="sections" popover="auto">
        <SectionLink href={DASHBOARD.overview} label="Overview" current={current} />
        {Object.entries(GROUPS).map(([name, sections]) => (
          <div class="group">
            <p class="group-name">{name}</p>
            {Object.entries(sections).map(([href, label]) => (
              <SectionLink {...{ href, label, current }} />
            ))}
          </div>
        ))}
        <a href="/docs">Help</a>
        <ButtonForm action={DASHBOARD.logout} label="Log out" kind="link" />
      </div>
    </nav>
  )
}

function SectionLink({ href, label, current }: { href: string; label: string; current: SectionHref }) {
  return (
    <a href={href} aria-current={href === current ? 'page' : undefined}>
      {label}
      {href === DASHBOARD.entries && <WaitingNumber />}
    </a>
  )
}

/** How many entries wait, if any. */
function WaitingNumber() {
  const waiting = useContext(Waiting)
  if (waiting === 0) return null
  const shown = waiting < MAX_WAITING ? String(waiting) : `${MAX_WAITING - 1}+`
  return (
    <>
      {' '}
      <b class="number" title="waiting for your approval">
        {shown}
      </b>
    </>
  )
}
