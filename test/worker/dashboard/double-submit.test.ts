import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { ACTS } from '../../../src/core/access/acts'
import { TOKEN_FIELD } from '../../../src/http/form-answers'
import { mailbox } from '../../support/fixtures'
import { type Form, formsIn } from '../../support/forms'
import { FORM, session } from '../../support/session'
import { World } from '../../support/world'
import { addresses, type Seeds, writeEverything } from '../ui/every-page'

/* Each form of the dashboard and of the pages of integrators, found on its page, and submitted twice at once. */

/** What a person types into the fields with these names. */
const TYPED: Record<string, () => string> = {
  url: () => mailbox().url('verify'),
  to: () => mailbox().url(),
  title: () => 'Autumn',
  slug: () => 'autumn',
  name: () => 'order.sent',
  confirm: () => 'summer',
  description: () => 'x',
  welcome: () => '',
  reply: () => 'Thank you!',
  prefix: () => 'sha256=',
  template_name: () => '{{who}}',
  template_body: () => '{{text}}',
  only: () => 'all',
  type: () => 'order.paid',
}

/** These come last, because the other forms are about what they remove. Of these, the last ones end everything. */
const LAST = [/disable|pause|forget|hide$|\/url$/, /revoke|delete|remove|erase|renew/, /books\/.*delete|manage\/.*delete/]
const rankOf = ({ action }: Form) => LAST.findLastIndex((pattern) => pattern.test(action))

/** @returns the path of the route of a form, such as `/admin/books/:slug` */
function routeOf(action: string): string {
  const path = action.replace(/[#?].*/, '')
  const patterns = Object.keys(ACTS).flatMap((key) => (key.startsWith('POST /admin') ? [key.slice(5)] : []))
  const known = patterns.toSorted((a, b) => a.split(':').length - b.split(':').length)
  const fits = (pattern: string) => new RegExp(`^${pattern.replace(/:\w+/g, '[^/]+')}$`).test(path)
  return known.find(fits) ?? path.replace(/(link|renew|msg|job)_[\w.-]+/g, '$1_')
}

describe('a form that is submitted twice at once', () => {
  const world = new World()
  let seeds: Seeds
  let cookie: { Cookie: string }

  beforeEach(async () => {
    seeds = await writeEverything(world)
    await world.api('PATCH', '/api/settings', { registration: 'open' })
    await session(world)
    cookie = await session(world)
  }, 60_000)

  const read = async (path: string) => (await world.request(path, { headers: cookie })).text()

  async function collect(): Promise<Form[]> {
    const paths = Object.values(addresses(seeds)).flat()
    const pages = paths.filter((path) => /^\/(admin|webhooks)(?!.*(login|preview))/.test(path))
    const forms: Form[] = []
    for (const path of pages) forms.push(...formsIn(await read(path), path))
    return forms.filter(({ action }) => action !== '/admin/logout')
  }

  function fill({ fields, action }: Form): FormData | string {
    const typed = fields.map(([name, value]): [string, string] => [name, TYPED[name]?.() ?? value])
    const sent = typed.filter(([name]) => name !== 'dry_run' && name !== 'event_types')
    if (/endpoints$|webhooks$|\/edit$/.test(action)) sent.push(['event_types', 'comment.published'])
    return new URLSearchParams(sent).toString()
  }

  async function submitTwice(form: Form) {
    const body = fill(form)
    const send = async () => {
      const response = await world.request(form.action.replace(/#.*/, ''), { method: 'POST', headers: { ...FORM, ...cookie }, body })
      return [response.status, response.headers.get('Location'), response.status === 303 ? '' : (await response.text()).match(/class="error".*?<\/p>|class="notice bad".*?<\/p>/s)?.[0] ]
    }
    const before = await acts()
    const answers = await Promise.all([send(), send()])
    return { answers, acts: (await acts()) - before }
  }

  const acts = async () => (await env.DB.prepare('select count(*) as n from audit_log').first<{ n: number }>())?.n ?? 0

  it('collects', async () => {
    const done = new Map<string, unknown>()
    for (;;) {
      const forms = (await collect()).filter((form) => !done.has(routeOf(form.action)))
      const [next] = forms.toSorted((a, b) => rankOf(a) - rankOf(b))
      if (!next) break
      const r = await submitTwice(next)
      done.set(routeOf(next.action), r)
      console.log(routeOf(next.action), JSON.stringify(r).slice(0, 300))
    }
    console.log('MISSING', Object.keys(ACTS).filter((k) => k.startsWith('POST /admin') && !done.has(k.slice(5))))
  }, 120_000)
})
