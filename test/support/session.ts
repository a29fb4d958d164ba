import { BASE, TOKEN, type World } from './world'

export const FORM = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: BASE }

export function login(
  world: World,
  token: string,
  headers: Record<string, string> = {},
  next = ''
): Promise<Response> {
  const body = new URLSearchParams({ token, next }).toString()
  return world.request('/admin/login', { method: 'POST', headers: { ...FORM, ...headers }, body })
}

/** The owner, logged in. */
export async function session(world: World): Promise<{ Cookie: string }> {
  const response = await login(world, TOKEN)
  if (response.status !== 303) throw new Error(`Logging in answered ${response.status}.`)
  return { Cookie: (response.headers.get('Set-Cookie') ?? '').split(';')[0] ?? '' }
}

/** A browser of the owner's: what its pages say, as text without tags. */
export async function ownerBrowser(world: World) {
  const cookie = await session(world)
  return {
    /** As it is, tags and all. */
    get: (path: string) => world.request(path, { headers: cookie }),
    post: (path: string, fields: Record<string, string>) =>
      world.request(path, {
        method: 'POST',
        headers: { ...FORM, ...cookie },
        body: new URLSearchParams(fields).toString(),
      }),
    async see(path: string): Promise<string> {
      const response = await world.request(path, { headers: cookie })
      if (response.status !== 200) throw new Error(`${path} answered ${response.status}.`)
      return textOf(await response.text())
    },
    async submit(path: string, fields: Record<string, string>) {
      const body = new URLSearchParams(fields).toString()
      const headers = { ...FORM, ...cookie }
      const response = await world.request(path, { method: 'POST', headers, body })
      return {
        status: response.status,
        location: response.headers.get('Location'),
        text: textOf(await response.text()),
      }
    },
  }
}

function textOf(html: string): string {
  return html
    .replace(/^.*<main/s, '<main')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,;)])/g, '$1')
}
