import { type PropsWithChildren, useContext } from '#jsx'
import { isolated } from '../lib/text/bidi'
import { Address } from './contexts/address'
import { DailyLimitNotice } from './contexts/daily-limit'
import { MAX_WAITING, Waiting } from './contexts/waiting'
import { Page } from './layout'
import { ButtonForm } from './parts/form'
import { Refused } from './parts/refused'
import { UserText } from './user-text'

const SECTIONS = [
  { href: '/admin', label: 'Overview' },
  { href: '/admin/comments', label: 'Entries' },
  { href: '/admin/books', label: 'Books' },
  { href: '/admin/endpoints', label: 'Endpoints' },
  { href: '/admin/messages', label: 'Messages' },
  { href: '/admin/inbound', label: 'Inbound' },
  { href: '/admin/sources', label: 'Sources' },
  { href: '/admin/event-types', label: 'Event types' },
  { href: '/admin/keys', label: 'Keys' },
  { href: '/admin/access', label: 'Access' },
  { href: '/admin/storage', label: 'Storage' },
  { href: '/admin/moving', label: 'Import & export' },
  { href: '/admin/settings', label: 'Settings' },
] as const

type Section = (typeof SECTIONS)[number]['href']

/** @returns the section that a page under `/admin` belongs to */
export function sectionOf(path: string): (typeof SECTIONS)[number] {
  const [overview, ...others] = SECTIONS
  return others.find(({ href }) => path === href || path.startsWith(`${href}/`)) ?? overview
}

export interface Crumb {
  href: string
  label: string
}

interface DashboardProps extends NoticesProps {
  /** The heading of the page. */
  title: string
  /** The title of the browser's window or tab, if it says more than the heading. */
  pageTitle?: string
  /** The pages above this one, from the top. */
  crumbs?: Crumb[]
  section: Section
}

/** The frame of every dashboard page. The navigation is a rail on a desktop and a bar on a phone. */
export function Dashboard(props: PropsWithChildren<DashboardProps>) {
  return (
    <Page
      title={`${isolated(props.pageTitle ?? props.title)} · Guesthook`}
      stylesheets={['/dashboard.css']}
      script="/dashboard.js"
    >
      <a class="skip" href="#main">
        Skip to content
      </a>
      <div class="frame">
        <nav class="rail" aria-label="Dashboard">
          <a class="brand" href="/">
            Guesthook
          </a>
          {SECTIONS.map(({ href, label }) => (
            <a href={href} aria-current={href === props.section ? 'page' : undefined}>
              {label}
              {href === '/admin/comments' && <WaitingNumber />}
            </a>
          ))}
          <ButtonForm action="/admin/logout" label="Log out" kind="link" />
        </nav>
        <main id="main">
          {props.crumbs && <Breadcrumbs crumbs={props.crumbs} />}
          <h1>
            <UserText text={props.title} />
          </h1>
          <DailyLimitNotice />
          <Notices {...props} />
          {props.children}
        </main>
      </div>
    </Page>
  )
}

function Breadcrumbs({ crumbs }: { crumbs: Crumb[] }) {
  return (
    <nav class="crumbs small" aria-label="Breadcrumbs">
      {crumbs.map(({ href, label }) => (
        <>
          <a href={href}>
            <UserText text={label} />
          </a>{' '}
          ›{' '}
        </>
      ))}
    </nav>
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

/**
 * Looks up what a page says after an action.
 * @param done the name of the action, from the URL of the redirect. Anybody can write anything there
 */
export function noticeOf<T extends string>(notices: Record<T, string>, done: string | undefined): string | undefined {
  return done !== undefined && Object.hasOwn(notices, done) ? notices[done as T] : undefined
}

interface NoticesProps {
  /** What the page says after an action, by the name of the action. */
  notices?: Record<string, string>
  notice?: string | undefined
  /** What is wrong, unless the refusal of a form says it. */
  error?: string | undefined
}

/** Shows what has just been done, or what is wrong. */
export function Notices({ notices = {}, notice, error }: NoticesProps) {
  const done = new URLSearchParams(useContext(Address).split('?')[1]).get('done') ?? undefined
  const refused = useContext(Refused)
  const [good, bad] = [notice ?? noticeOf(notices, done), error ?? refused?.detail]
  return (
    <>
      {good && (
        <p class="notice good" role="status">
          <UserText text={good} />
        </p>
      )}
      {bad && (
        <p class="notice bad" role="alert">
          <UserText text={bad} />
        </p>
      )}
    </>
  )
}

const TONES = {
  delivered: ['✓', 'good'],
  enabled: ['✓', 'good'],
  published: ['✓', 'good'],
  done: ['✓', 'good'],
  processed: ['✓', 'good'],
  active: ['✓', 'good'],
  open: ['✓', 'good'],
  verified: ['✓', 'good'],
  unverified: ['!', 'off'],
  new: ['…', 'wait'],
  pending: ['…', 'wait'],
  sending: ['→', 'wait'],
  running: ['…', 'wait'],
  draining: ['…', 'wait'],
  awaiting_approval: ['…', 'wait'],
  paused: ['‖', 'off'],
  held: ['…', 'wait'],
  failing: ['!', 'bad'],
  breaker_open: ['‖', 'bad'],
  failed: ['✕', 'bad'],
  refused: ['✕', 'bad'],
  timed_out: ['⏱', 'bad'],
  unreachable: ['✕', 'bad'],
  blocked: ['⊘', 'bad'],
  spam: ['⊘', 'bad'],
  canceled: ['–', 'off'],
  disabled: ['–', 'off'],
  closed: ['–', 'off'],
  hidden: ['–', 'off'],
  deleted: ['–', 'off'],
} as const

export type Tone = keyof typeof TONES

/** Shows a status as an icon, a word and a color, so that nobody has to rely on only one of them. */
export function Status({ value }: { value: Tone }) {
  const [icon, tone] = TONES[value]
  return (
    <span class={`status ${tone}`}>
      <span aria-hidden="true">{icon}</span> {value.replace('_', ' ')}
    </span>
  )
}

/** Shows the prefix and the end of an id. The tooltip shows the whole id, and the button copies it. */
export function ShortId({ id, href }: { id: string; href?: string }) {
  const short = <code>{`${id.slice(0, id.indexOf('_') + 1)}…${id.slice(-6)}`}</code>
  return (
    <span class="id" title={id}>
      {href ? <a href={href}>{short}</a> : short}
      <CopyButton text={id} label={`Copy ${id}`} />
    </span>
  )
}

/** Hidden until dashboard.js shows it: without scripts, people select the text themselves. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  return (
    <button class="copy" type="button" data-copy={text} aria-label={label} hidden>
      copy
    </button>
  )
}

/** A secret, a key or a URL, with a button that copies it. */
export function Secret({ text, label, children }: PropsWithChildren<{ text: string; label: string }>) {
  return (
    <p class="secret">
      <code>{text}</code> <CopyButton text={text} label={label} />
      {children && <> {children}</>}
    </p>
  )
}

export function Empty({ children }: PropsWithChildren) {
  return <p class="empty">{children}</p>
}
