import { formStamp } from '../../src/guestbook/signing/guest'
import { FORM } from './session'
import type { World } from './world'

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
  const stamp = await formStamp(world.env, Date.now() - shownMs)
  const body = new URLSearchParams({ name: 'Ada', body: 'Hello', stamp, ...fields }).toString()
  return world.request(path, { method: 'POST', headers: { ...FORM, ...headers }, body })
}

/** Publishes the first entries of guests at once. */
export async function withoutModeration(world: World, book = 'main'): Promise<World> {
  await world.api('PATCH', `/api/books/${book}`, { moderation: 'none' })
  return world
}
