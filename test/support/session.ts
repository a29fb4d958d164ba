import { formStamp } from '../../src/guestbook/signing/form-stamp'
import { BASE, TOKEN, type World } from './world'

export const FORM = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: BASE }

export function login(world: World, token: string, headers: Record<string, string> = {}, next = ''): Promise<Response> {
  const body = new URLSearchParams({ token, next }).toString()
  return world.request('/admin/login', { method: 'POST', headers: { ...FORM, ...headers }, body })
}

/** Logs in as the owner. @returns the cookie. @throws Error if the login fails */
export async function session(world: World): Promise<{ Cookie: string }> {
  const response = await login(world, TOKEN)
  if (response.status !== 303) throw new Error(`The login returned ${response.status}.`)
  return { Cookie: (response.headers.get('Set-Cookie') ?? '').split(';')[0] ?? '' }
}

/** A browser in which the owner is logged in. */
export async function ownerBrowser(world: World) {
  const cookie = await session(world)
  return {
    cookie,
    /** @returns the response with its HTML */
    get: (path: string) => world.request(path, { headers: cookie }),
    post: (path: string, fields: Record<string, string>) =>
      world.request(path, {
        method: 'POST',
        headers: { ...FORM, ...cookie },
        body: new URLSearchParams(fields).toString(),
      }),
    /** @returns the text of a page, without tags. @throws Error if the status is not 200 */
    async see(path: string): Promise<string> {
      const response = await world.request(path, { headers: cookie })
      if (response.status !== 200) throw new Error(`${path} returned ${response.status}.`)
      return textOf(await response.text())
    },
    /** @returns what a page says about the action before it; '' if it says nothing */
    async notice(path: string): Promise<string> {
      return partOf(await (await world.request(path, { headers: cookie })).text(), 'role="status"')
    },
    async submit(path: string, fields: Record<string, string>) {
      const body = new URLSearchParams(fields).toString()
      const headers = { ...FORM, ...cookie }
      const response = await world.request(path, { method: 'POST', headers, body })
      const html = await response.text()
      return { status: response.status, location: response.headers.get('Location'), html, text: textOf(html) }
    },
  }
}

/** @returns the text of the first element that has this attribute, such as `role="alert"`; '' if there is none */
export function partOf(html: string, attribute: string): string {
  return textOf(new RegExp(`<(\\w+)[^>]*\\s${attribute}[^>]*>(.*?)</\\1>`, 's').exec(html)?.[2] ?? '').trim()
}

function textOf(html: string): string {
  return html
    .replace(/^.*<main/s, '<main')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,;)])/g, '$1')
}

/** Submits the form of the guestbook as a person does: some time after it was shown. */
export async function signAsGuest(
  world: World,
  fields: Record<string, string>,
  {
    path = '/sign',
    headers = {},
    shownMs = 10_000,
  }: { path?: string; headers?: Record<string, string>; shownMs?: number } = {}
): Promise<Response> {
  const [, slug = 'main'] = /^\/(?:b|embed)\/([^/]+)\/sign/.exec(path) ?? []
  const stamp = await formStamp(world.env, slug, Date.now() - shownMs)
  const body = new URLSearchParams({ name: 'Ada', body: 'Hello', stamp, ...fields }).toString()
  return world.request(path, { method: 'POST', headers: { ...FORM, ...headers }, body })
}

/** A browser of a guest, which keeps its cookies. */
export function guestBrowser(world: World) {
  const cookies = new Map<string, string>()
  const keep = (response: Response) => {
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
    return response
  }
  const headers = () => ({ Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') })
  return {
    cookies,
    get: async (path: string, more: Record<string, string> = {}) =>
      keep(await world.request(path, { headers: { ...headers(), ...more } })),
    sign: async (fields: Record<string, string>, path?: string) =>
      keep(await signAsGuest(world, fields, { headers: headers(), ...(path && { path }) })),
    post: async (path: string, fields: Record<string, string> = {}) => {
      const body = new URLSearchParams(fields).toString()
      return keep(await world.request(path, { method: 'POST', headers: { ...FORM, ...headers() }, body }))
    },
  }
}

/** @returns a page without the stamp of its form, which is different each time */
export function withoutStamp(html: string): string {
  return html.replace(/(?<=name="stamp" value=")[^"]*/, '')
}

/** The first entry of each guest waits. */
export async function withModeration(world: World, book = 'main'): Promise<World> {
  await world.api('PATCH', `/api/books/${book}`, { moderation: 'first' })
  return world
}

/** Publishes the first entries of guests at once. */
export async function withoutModeration(world: World, book = 'main'): Promise<World> {
  await world.api('PATCH', `/api/books/${book}`, { moderation: 'none' })
  return world
}

/** The form of a book, without its title. */
export const BOOK_FORM = {
  language: 'auto',
  theme: 'nineties',
  avatars: 'identicon',
  drawings: 'off',
  form_place: 'above',
  moderation: 'first',
  max_links: '2',
  daily_quota_mb: '5',
  is_open: 'on',
}
