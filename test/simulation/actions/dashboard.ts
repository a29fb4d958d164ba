import fc from 'fast-check'
import { FORM } from '../../support/session'
import { TOKEN, type World } from '../../support/world'
import type { Rows } from '../history'
import type { Answer, Simulation } from '../simulation'
import { regulars } from './entries'
import { kind, which } from './kind'

/* What the owner decides in the dashboard, as the forms of its pages send it, and what is undone. */

type Comment = Rows['comments']

/** The actions of the forms, and the status to which each leads. */
const ACTIONS = { publish: 'published', hide: 'hidden', spam: 'spam', hold: 'held' } as const
type Action = keyof typeof ACTIONS

const MOST_AT_ONCE = 3

export const DASHBOARD = {
  decide: kind<{ which: number; action: Action; isForSeveral: boolean; isAboutRegular: boolean }>(
    6,
    {
      which,
      action: fc.constantFrom<Action[]>('publish', 'publish', 'hide', 'spam', 'spam', 'hold'),
      isForSeveral: fc.constantFrom(false, false, true),
      isAboutRegular: fc.boolean(),
    },
    async (simulation, isolate, { which, action, isForSeveral, isAboutRegular }) => {
      const guests = isAboutRegular ? regulars(simulation).map(({ id }) => id) : null
      const chosen = choose(simulation, which, action, isForSeveral, guests)
      const [first] = chosen
      if (!first) return
      const { status: was, reason } = first
      const more = { action, was, back: `status=${was}`, why: reason ?? '' }
      const [path, fields] =
        chosen.length > 1
          ? ['', { ...more, why: '', ids: chosen.map(versionOf).join(',') }]
          : [`/${first.id}`, { ...more, seen: versionOf(first) }]
      const approvals = new Map([...simulation.approvals].map(([id, one]) => [id, { ...one }]))
      const answer = await post(simulation, isolate, path, fields)
      if (answer?.status !== 303 || !answer.location?.includes('done=')) return
      const before = chosen.map(({ id, status, reason, edited_at }) => ({ id, status, reason, edited_at }))
      const { step } = simulation
      simulation.decision = { step, page: answer.location, before, status: ACTIONS[action], approvals, undoneIn: null }
    }
  ),

  /** Submits the form of the page to which the decision has led, if it offers an undo. */
  undo: kind<Record<never, never>>(6, {}, async (simulation, isolate) => {
    const { decision } = simulation
    if (!decision || decision.undoneIn !== null || !isAsDecided(simulation)) return
    const page = await see(simulation, isolate, decision.page)
    const [, form = ''] = /<div class="toast"[^>]*>(.*?)<\/form>/s.exec(page?.text ?? '') ?? []
    const [, action] = /<button[^>]*name="action" value="(\w+)"/.exec(form) ?? []
    if (action === undefined) return
    const hidden = [...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)]
    const fields = hidden.map(([, name = '', value = '']): [string, string] => [name, value.replaceAll('&amp;', '&')])
    decision.undoneIn = simulation.step
    await post(simulation, isolate, '', [...fields, ['action', action]])
  }),
}

/** Entries with the same status, as a list of the dashboard shows them. @param ids among which the first is chosen */
function choose(
  simulation: Simulation,
  which: number,
  action: Action,
  isForSeveral: boolean,
  ids: unknown[] | null
): Comment[] {
  const all = simulation.history.tables.comments.present().filter(({ status }) => status !== ACTIONS[action])
  const one = simulation.pick(ids ? all.filter(({ id }) => ids.includes(id)) : all, which)
  if (!one || !isForSeveral) return one ? [one] : []
  return [one, ...all.filter(({ id, status }) => id !== one.id && status === one.status)].slice(0, MOST_AT_ONCE)
}

/** Whether nobody else has changed what was decided. */
function isAsDecided({ decision, history }: Simulation): boolean {
  return (decision?.before ?? []).every(({ id }) => {
    const seen = history.tables.comments.seen.get(id)
    return seen?.gone === null && seen.row.status === decision?.status
  })
}

const versionOf = ({ id, edited_at }: Comment): string => (edited_at === null ? id : `${id}.${edited_at}`)

async function see(simulation: Simulation, isolate: World, path: string): Promise<Answer | null> {
  const headers = await sessionOf(simulation)
  return simulation.ask(isolate, 'GET', path, { headers })
}

async function post(
  simulation: Simulation,
  isolate: World,
  path: string,
  fields: Record<string, string> | [string, string][]
): Promise<Answer | null> {
  const headers = await sessionOf(simulation)
  return simulation.ask(isolate, 'POST', `/admin/comments${path}`, { headers, body: new URLSearchParams(fields) })
}

/** Logs in when the dashboard is used first, and again when the session has ended. */
async function sessionOf(simulation: Simulation): Promise<{ Cookie: string }> {
  const world = simulation.newIsolate()
  const known = simulation.session
  const isOpen = known && (await simulation.ask(world, 'GET', '/admin/settings', { headers: known }))?.status === 200
  if (known && isOpen) return known
  const body = new URLSearchParams({ token: TOKEN, next: '' })
  const answer = await simulation.ask(world, 'POST', '/admin/login', { headers: FORM, body })
  if (answer?.status !== 303) throw new Error(`The login returned ${answer?.status}.`)
  simulation.session = { Cookie: (answer.cookie ?? '').split(';')[0] ?? '' }
  return simulation.session
}
