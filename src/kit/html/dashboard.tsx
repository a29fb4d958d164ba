import { type Child, type PropsWithChildren, useContext } from '#jsx'
import { DASHBOARD } from '../lib/paths'
import { isolated } from '../lib/text/bidi'
import { Address } from './contexts/address'
import { DailyLimitNotice } from './contexts/daily-limit'
import { Page } from './layout'
import { Navigation, type SectionHref, sectionOf } from './navigation'
import { noticeOf } from './notices'
import { Refused } from './parts/refused'
import { UserLink, UserText } from './user-text'

export type Crumb = { href: string; label: string }

interface DashboardProps extends NoticesProps {
  /** The heading of the page. */
  title: string
  /** The title of the browser's window or tab, if it says more than the heading. */
  pageTitle?: string
  /** What stands beside the heading: the main action of the page. */
  act?: Child
  /**
   * The pages between the section and this page, from the top. Without a list, a page that has the title of its section
   * is the section itself, and has no breadcrumbs.
   */
  crumbs?: Crumb[] | undefined
  section: SectionHref
  /** One more script, besides dashboard.js. */
  script?: '/queue.js'
  /** One more stylesheet, after dashboard.css. */
  stylesheet?: '/queue.css' | '/book.css'
}

/** The frame of every dashboard page. */
export function Dashboard(props: PropsWithChildren<DashboardProps>) {
  return (
    <Page
      title={`${isolated(props.pageTitle ?? props.title)} · Guesthook`}
      stylesheets={['/dashboard.css', ...(props.stylesheet ? [props.stylesheet] : [])]}
      script="/dashboard.js"
    >
      <a class="skip" href="#main">
        Skip to content
      </a>
      <div class="frame">
        <Navigation current={props.section} />
        <main id="main">
          {props.script && <script type="module" src={props.script} />}
          <Breadcrumbs {...props} />
          <div class="heading">
            <h1>
              <UserText text={props.title} />
            </h1>
            {props.act}
          </div>
          <DailyLimitNotice />
          <Notices {...props} />
          {props.children}
        </main>
      </div>
    </Page>
  )
}

/** Where a page is, unless it is that of a section itself. */
function Breadcrumbs({ crumbs, title, section }: DashboardProps) {
  const above = sectionOf(section)
  if ((title === above.label && !crumbs) || section === DASHBOARD.overview) return null
  return (
    <nav class="crumbs small" aria-label="Breadcrumbs">
      {[above, ...(crumbs ?? [])].map(({ href, label }) => (
        <>
          <UserLink href={href} text={label} /> ›{' '}
        </>
      ))}
      <span aria-current="page">
        <UserText text={title} />
      </span>
    </nav>
  )
}

interface NoticesProps {
  /** Its notices say what has been done. */
  section?: SectionHref
  notice?: Child
  /** What is wrong, unless the refusal of a form says it. */
  error?: Child
}

/** Shows what has just been done, or what is wrong. */
export function Notices({ section, notice, error }: NoticesProps) {
  // Anybody can write anything into an address.
  const done = new URLSearchParams(useContext(Address).split('?')[1]).get('done') ?? ''
  const refused = useContext(Refused)
  const [good, bad] = [notice ?? noticeOf(section, done), error || refused?.detail].map(shown)
  return (
    <>
      {good && (
        <p class="notice good" role="status" data-told>
          {good}
        </p>
      )}
      {bad && (
        <p class="notice bad" role="alert" data-told>
          {bad}
        </p>
      )}
    </>
  )
}

const shown = (said: Child): Child => (said && typeof said === 'string' ? <UserText text={said} /> : said)

/** The icon and the color of each status, and its word if the name is not the best one. */
const TONES = {
  delivered: ['✓', 'good'],
  enabled: ['✓', 'good'],
  published: ['✓', 'good'],
  done: ['✓', 'good'],
  ok: ['✓', 'good'],
  processed: ['✓', 'good'],
  active: ['✓', 'good'],
  open: ['✓', 'good'],
  verified: ['✓', 'good'],
  unverified: ['!', 'off'],
  new: ['…', 'wait', 'waiting'],
  pending: ['…', 'wait'],
  sending: ['→', 'wait', 'queued'],
  running: ['…', 'wait'],
  draining: ['…', 'wait', 'catching up'],
  awaiting_approval: ['…', 'wait'],
  paused: ['‖', 'off'],
  held: ['…', 'wait', 'waiting'],
  failing: ['!', 'bad'],
  unstable: ['!', 'wait'],
  throttled: ['‖', 'wait', 'paused by the receiver'],
  breaker_open: ['✕', 'bad', 'down'],
  failed: ['✕', 'bad'],
  refused: ['✕', 'bad', 'failed'],
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

/** @returns the color of a status */
export const toneOf = (value: Tone) => TONES[value][1]

/** Shows a status as an icon, a word and a color, so that nobody has to rely on only one of them. */
export function Status({ value, label = statusWord(value) }: { value: Tone; label?: string }) {
  const [icon, tone] = TONES[value]
  return (
    <span class={`status ${tone}`}>
      <span aria-hidden="true">{icon}</span> {label}
    </span>
  )
}

/** @returns the word for a status */
export function statusWord(value: Tone): string {
  const [, , word = value.replace('_', ' ')]: readonly string[] = TONES[value]
  return word
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

export const Empty = ({ children }: PropsWithChildren) => <p class="empty">{children}</p>
