import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { EN } from '../../../../src/guestbook/rules/languages/en'
import { letPass } from '../../../support/clock'
import { FORM, signAsGuest, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

const DAY = 86_400_000

/** A limiter that lets a number of requests pass. */
function allowing(requests: number) {
  let left = requests
  return { limit: async () => ({ success: left-- > 0 }) } as RateLimit
}

/** A guest who has signed once: through the API, and with the form. */
async function aGuest(world: World) {
  const json = { name: 'Ada', body: 'Hello' }
  const { body } = await world.api<{ id: string; edit_token: string }>('POST', '/api/comments', json, {})
  const signed = await signAsGuest(world, { body: 'With a form' })
  const Cookie = (signed.headers.get('Set-Cookie') ?? '').split(';')[0] ?? ''
  const page = await (await world.request('/?signed=published', { headers: { Cookie } })).text()
  const path = /href="(\/comments\/cmt_\w+)\/edit"/.exec(page)?.[1] ?? ''
  const own = { Authorization: `Bearer ${body.edit_token}` }
  const post = (act: string, fields: Record<string, string>) =>
    world.request(`${path}/${act}`, {
      method: 'POST',
      headers: { ...FORM, Cookie },
      body: new URLSearchParams(fields).toString(),
    })
  return {
    patch: (text: string) => world.api('PATCH', `/api/comments/${body.id}`, { body: text }, own),
    remove: () => world.api('DELETE', `/api/comments/${body.id}`, undefined, own),
    submit: (text: string, more: Record<string, string> = {}) => post('edit', { name: 'Ada', body: text, ...more }),
    id: path.split('/').at(-1) ?? '',
    submitRemoval: () => post('delete', {}),
  }
}

const used = () => env.DB.prepare('select quota_bytes from books').first<number>('quota_bytes')
const texts = async () => {
  const { results } = await env.DB.prepare('select body from comments order by id').all<{ body: string }>()
  return results.map(({ body }) => body)
}

describe('an edit by a guest', () => {
  it('with a form that is older than a correction by the owner does not undo it', async () => {
    const world = await withoutModeration(new World())
    const guest = await aGuest(world)
    await world.api('PATCH', `/api/comments/${guest.id}`, { body: 'Corrected' })
    const refused = await guest.submit('With a form!', { edited_at: '' })
    expect(refused.status).toBe(409)
    const form = await refused.text()
    expect(form).toContain('Corrected</textarea>')
    // What was typed is shown, to be copied, and is not sent again.
    expect(form).toMatch(/<textarea readonly[^>]*>\s*With a form!<\/textarea>/)
    const edited_at = /name="edited_at" value="([^"]+)"/.exec(form)?.[1] ?? ''
    expect((await guest.submit('Corrected, and more', { edited_at })).status).toBe(303)
    expect(await texts()).toContain('Corrected, and more')
  })

  it('that comes too late, or after the entry is gone, is not saved, but its text is shown', async () => {
    const world = await withoutModeration(new World())
    const guest = await aGuest(world)
    const typed = /<textarea readonly[^>]*>\s*Typed too late<\/textarea>/
    letPass(16 * 60_000)
    const late = await guest.submit('Typed too late')
    const shown = await late.text()
    expect(shown).toMatch(typed)
    expect(shown).toContain(EN.edit_expired)
    await world.api('DELETE', `/api/comments/${guest.id}`)
    const gone = await guest.submit('Typed too late')
    const html = await gone.text()
    expect([late.status, gone.status]).toEqual([403, 403])
    expect(html).toMatch(typed)
    expect(html).toContain(EN.changed_meanwhile)
    expect(await texts()).not.toContain('Typed too late')
  })

  it('that is sent twice at once is saved once, and costs no more than once', async () => {
    const world = await withoutModeration(new World())
    const guest = await aGuest(world)
    const before = (await used()) ?? 0
    const answers = await Promise.all([
      guest.submit('Twice', { edited_at: '' }),
      guest.submit('Twice', { edited_at: '' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([303, 303])
    expect((await guest.submit('Twice', { edited_at: '' })).status).toBe(303)
    expect(((await used()) ?? 0) - before).toBeLessThan(6_000)
    const { body } = await world.api<{ status: string }>('GET', `/api/comments/${guest.id}`)
    expect(body.status).toBe('published')
  })

  it('may be followed by a removal, and by the same text again', async () => {
    const world = await withoutModeration(new World())
    const guest = await aGuest(world)
    expect((await guest.remove()).status).toBe(204)
    const again = await world.api('POST', '/api/comments', { name: 'Ada', body: 'Hello' }, {})
    expect(again.body).toMatchObject({ status: 'published' })
  })

  it('takes a turn of the limit for entries, as deleting does', async () => {
    const world = await withoutModeration(new World({ SIGN_LIMIT: allowing(4) }))
    const guest = await aGuest(world)
    expect((await guest.patch('Third')).status).toBe(200)
    expect((await guest.submit('Fourth')).status).toBe(303)
    expect(await guest.patch('Fifth')).toMatchObject({ status: 429, body: { code: 'too_many_requests' } })
    const shown = await guest.submit('Sixth')
    expect(shown.status).toBe(429)
    expect(await shown.text()).toContain('Sixth</textarea>')
    expect((await guest.remove()).status).toBe(429)
    expect((await guest.submitRemoval()).status).toBe(429)
    expect(await texts()).toEqual(['Third', 'Fourth'])
  })

  it('counts in the quota of the day, and is refused beyond it without storing anything', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { daily_quota_mb: 1 })
    const guest = await aGuest(world)
    const before = (await used()) ?? 0
    const long = 'x'.repeat(4_000)
    expect((await guest.patch(long)).status).toBe(200)
    expect((await used()) ?? 0).toBeGreaterThan(before + 8_000)

    const today = Math.floor(Date.now() / DAY)
    await env.DB.prepare('update books set quota_day = ?, quota_bytes = 999999').bind(today).run()
    const messages = await env.DB.prepare('select count(*) as n from messages').first('n')
    expect(await guest.patch('Too much')).toMatchObject({ status: 429, body: { code: 'daily_quota' } })
    expect((await guest.submit('Too much')).status).toBe(429)
    expect(await texts()).toEqual([long, 'With a form'])
    expect(await env.DB.prepare('select count(*) as n from messages').first('n')).toBe(messages)
    // Deleting makes room, so it is never refused for want of room.
    expect((await guest.remove()).status).toBe(204)
  })

  it('is refused while the database is almost full', async () => {
    const world = await withoutModeration(new World())
    const guest = await aGuest(world)
    world.env.DATABASE_LIMIT_MB = '0.01'
    expect(await guest.patch('Too late')).toMatchObject({ status: 503, body: { code: 'storage_full' } })
    expect((await guest.submit('Too late')).status).toBe(503)
    expect((await guest.remove()).status).toBe(204)
  })
})
