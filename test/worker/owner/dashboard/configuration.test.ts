import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { aSource } from '../../../support/sources'
import { World } from '../../../support/world'

const OTHER_KEY = btoa('another-key-another-key-another!')
const ZEROS = `${'A'.repeat(43)}=`

interface Health {
  status: string
  faults?: { name: string; message: string }[]
}

async function health(overrides: Partial<Env> = {}) {
  const { status, body } = await new World(overrides).api<Health>('GET', '/healthz', undefined, {})
  return { code: status, ...body, names: body.faults?.map(({ name }) => name) ?? [] }
}

/** An endpoint and a source, so that secrets are stored. */
async function storeSecrets() {
  const world = new World()
  const endpoint = await anEndpoint(world, mailbox().url())
  const source = await aSource(world, 'github', { secret: 'hush' })
  return { endpoint, source }
}

describe('/healthz', () => {
  it('responds with 200 if the database responds and the configuration is complete', async () => {
    await storeSecrets()
    expect(await health()).toMatchObject({ code: 200, status: 'ok', names: [] })
    expect(await health({ PUBLIC_URL: 'https://guestbook.example.com' })).toMatchObject({ status: 'ok' })
  })

  it.each<[string, Partial<Env>, string]>([
    ['ADMIN_TOKEN is missing', { ADMIN_TOKEN: '' }, 'ADMIN_TOKEN'],
    ['ADMIN_TOKEN is a placeholder', { ADMIN_TOKEN: 'change-me' }, 'ADMIN_TOKEN'],
    ['SECRETS_KEY is missing', { SECRETS_KEY: '' }, 'SECRETS_KEY'],
    ['SECRETS_KEY is a placeholder', { SECRETS_KEY: 'change-me' }, 'SECRETS_KEY'],
    ['SECRETS_KEY consists of zeros', { SECRETS_KEY: ZEROS }, 'SECRETS_KEY'],
    ['SECRETS_KEY is too short', { SECRETS_KEY: btoa('short') }, 'SECRETS_KEY'],
    ['SECRETS_KEY_PREVIOUS is malformed', { SECRETS_KEY_PREVIOUS: 'nonsense' }, 'SECRETS_KEY'],
    ['SECRETS_KEY cannot decrypt what is stored', { SECRETS_KEY: OTHER_KEY }, 'SECRETS_KEY'],
    ['PUBLIC_URL is malformed', { PUBLIC_URL: 'guests.example.net' }, 'PUBLIC_URL'],
    ['PUBLIC_URL is no web address', { PUBLIC_URL: 'javascript:alert(1)' }, 'PUBLIC_URL'],
  ])('responds with 503 and says that %s', async (_, overrides, name) => {
    await storeSecrets()
    const { code, names, faults, status } = await health(overrides)
    expect({ code, status, names }).toEqual({ code: 503, status: 'misconfigured', names: [name] })
    expect(faults?.[0]?.message).toMatch(/^[A-Z_]+ (is|cannot) .*(Generate|Choose|set|Set) /)
    const values = Object.values(overrides).filter((value) => typeof value === 'string' && value !== '')
    for (const value of values) expect(JSON.stringify(faults)).not.toContain(value)
  })

  it.each([
    ['a column', 'alter table attempts drop column response_headers', 'attempts.response_headers'],
    ['a table', 'drop table api_keys', 'api_keys'],
    ['an index', 'drop index endpoints_needing', 'endpoints_needing'],
  ])('responds with 503 if a migration has failed, and %s is missing', async (_, sql, missing) => {
    await env.DB.prepare(sql).run()
    const { code, names, status, faults } = await health()
    expect({ code, status, names }).toEqual({ code: 503, status: 'misconfigured', names: ['DB'] })
    expect(faults?.[0]?.message).toContain(missing)
  })

  it('reads the schema once in each isolate', async () => {
    const world = new World()
    for (let i = 0; i < 3; i++) await world.request('/healthz')
    const reads = world.recorder.executed.filter(({ sql }) => sql.includes('pragma_table_info'))
    expect(reads).toHaveLength(1)
  })

  it('names every fault at once', async () => {
    const { names } = await health({ ADMIN_TOKEN: '', SECRETS_KEY: 'x', PUBLIC_URL: ':' })
    expect(names).toEqual(['ADMIN_TOKEN', 'SECRETS_KEY', 'PUBLIC_URL'])
  })

  it('accepts a rotation of SECRETS_KEY that is under way', async () => {
    await storeSecrets()
    const rotating = { SECRETS_KEY: OTHER_KEY, SECRETS_KEY_PREVIOUS: env.SECRETS_KEY }
    expect(await health(rotating)).toMatchObject({ status: 'ok' })
    const world = new World(rotating)
    for (let minute = 0; minute < 24; minute++) await world.sweep(later(minute * 60_000), 'reseal')
    expect(await health({ SECRETS_KEY: OTHER_KEY })).toMatchObject({ status: 'ok' })
    expect(await health()).toMatchObject({ names: ['SECRETS_KEY'] })
  })

  it('finds one secret that cannot be decrypted among others that can', async () => {
    await storeSecrets()
    await env.DB.prepare('delete from signing_keys').run()
    const world = new World({ SECRETS_KEY: OTHER_KEY })
    await anEndpoint(world, mailbox().url())
    expect(await health({ SECRETS_KEY: OTHER_KEY })).toMatchObject({ names: ['SECRETS_KEY'] })
  })

  it('ignores deleted endpoints and sources, whose secrets nobody can replace', async () => {
    const { endpoint, source } = await storeSecrets()
    const world = new World()
    expect((await world.api('DELETE', `/api/endpoints/${endpoint.id}`)).status).toBe(204)
    expect((await world.api('DELETE', `/api/sources/${source.id}`)).status).toBe(204)
    await env.DB.prepare('delete from signing_keys').run()
    expect(await health({ SECRETS_KEY: OTHER_KEY })).toMatchObject({ status: 'ok' })
  })
})

describe('a SECRETS_KEY that is wrong, missing or malformed', () => {
  it.each([
    ['wrong', OTHER_KEY, /SECRETS_KEY_PREVIOUS/],
    ['missing', '', /^SECRETS_KEY is missing\. .*openssl rand/],
    ['malformed', 'change-me', /^SECRETS_KEY is not valid\. .*openssl rand/],
  ])('(here %s) gets a 503 with help wherever a secret is needed, and nowhere else', async (_, SECRETS_KEY, words) => {
    const { endpoint, source } = await storeSecrets()
    const world = new World({ SECRETS_KEY })
    const detail = expect.stringMatching(words)
    for (const path of [`/api/endpoints/${endpoint.id}/secret`, `/api/sources/${source.id}/secret`]) {
      const { status, body } = await world.api('GET', path)
      expect({ path, status, body }).toMatchObject({ status: 503, body: { code: 'secrets_key_wrong', detail } })
    }
    const rotated = await world.api('POST', `/api/endpoints/${endpoint.id}/secret/rotate`)
    expect(rotated).toMatchObject({ status: 503, body: { code: 'secrets_key_wrong' } })
    const owner = await ownerBrowser(world)
    const page = await owner.get(`/admin/endpoints/${endpoint.id}?tab=secret&secret=show`)
    expect(page.status).toBe(503)
    expect(await page.text()).toMatch(/SECRETS_KEY/)
    for (const path of [
      '/admin',
      '/admin/endpoints',
      `/admin/endpoints/${endpoint.id}`,
      `/admin/sources/${source.id}`,
    ]) {
      expect({ path, status: (await owner.get(path)).status }).toEqual({ path, status: 200 })
    }
    expect((await world.request('/')).status).toBe(200)
  })

  it('signs no link while it is missing or a placeholder', async () => {
    for (const SECRETS_KEY of ['', 'change-me', ZEROS]) {
      const { status, body } = await new World({ SECRETS_KEY }).api(
        'GET',
        '/api/inbound/in_x/body?key=0',
        undefined,
        {}
      )
      expect({ status, body }).toMatchObject({ status: 503, body: { code: 'secrets_key_wrong' } })
    }
  })
})

describe('a PUBLIC_URL that is malformed', () => {
  it('gets a 503 with an explanation wherever a link is needed, and nothing is stored', async () => {
    const world = new World({ PUBLIC_URL: 'guestbook.example.com' })
    const { status, body } = await world.api('POST', '/api/comments', { name: 'Ada', body: 'Hi' })
    const detail = expect.stringContaining('PUBLIC_URL')
    expect({ status, body }).toMatchObject({ status: 503, body: { code: 'public_url_malformed', detail } })
    expect(await env.DB.prepare('select count(*) as count from comments').first('count')).toBe(0)
    expect((await world.request('/')).status).toBe(200)
  })
})

describe('/admin/system', () => {
  it('is where the overview leads first if a setting is wrong', async () => {
    const html = await (await (await ownerBrowser(new World({ PUBLIC_URL: 'nowhere' }))).get('/admin')).text()
    expect(html.slice(html.indexOf('id="needs"'))).toMatch(/^.*?<li.*?"\/admin\/system"/s)
  })

  it('shows each check of /healthz with its result', async () => {
    const shown = async (overrides: Partial<Env> = {}) => {
      const html = await (await (await ownerBrowser(new World(overrides))).get('/admin/system')).text()
      return { tones: html.match(/class="status \w+/g)?.map((found) => found.slice(14)), html }
    }
    expect((await shown()).tones).toEqual(Array(5).fill('good'))
    const { tones, html } = await shown({ PUBLIC_URL: 'guests.example.net' })
    expect(tones).toEqual(['good', 'good', 'bad', 'good', 'good'])
    expect(html).toContain('PUBLIC_URL is malformed')
  })
})
