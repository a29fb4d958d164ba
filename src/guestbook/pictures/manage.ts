import type * as z from 'zod'
import { freshId } from '../../kit/db/ids'
import { batch } from '../../kit/db/statements'
import { eraseAnswers } from '../../kit/http/act-once'
import { invalidField, notFound, orNotFound, Refusal, refuseIfNull } from '../../kit/http/problem'
import { fromBase64 } from '../../kit/lib/bytes'
import { isChanged } from '../../kit/lib/changed'
import { err } from '../../kit/lib/result'
import { toBook } from '../books/book'
import { forgetBook, readBook } from '../books/cache'
import { SAVE_PICTURE } from '../books/store'
import { judgePicture, MAX_PICTURES, type Picture, SOLE_USES } from '../rules/looks/picture'
import type { pictureChange, pictureIn } from './schemas'
import { INSERT_PICTURE, REMOVE_PICTURE } from './store'

/* The operations on the owner's pictures. */

/** A body with a file of PICTURE_MAX_BYTES in base64, which is a third longer, and room for the rest. */
export const MAX_PICTURE_BODY_BYTES = 70 * 1_024

type Where = { slug: string; id: string }

/** @returns the pictures of a book. @throws Refusal 404 */
export async function listPictures(env: Env, slug: string, now: number): Promise<Picture[]> {
  return toBook(await readBook(env, slug, now)).pictures
}

/** Plans a new picture. @throws Refusal 404 or 422. Writing it throws 409 if there are too many */
export async function planPicture(env: Env, slug: string, input: z.infer<typeof pictureIn>, now: number) {
  await readBook(env, slug, now)
  const { content, ...rest } = input
  const bytes = fromBase64(content)
  const facts = bytes ? judgePicture(bytes) : err('Send the file in base64.')
  if (!facts.ok) throw invalidField('content', facts.error)
  const result: Picture = { id: freshId('pic', now), ...rest, ...facts.value, size: bytes?.length ?? 0 }
  const where = { slug, id: result.id }
  const statements = [INSERT_PICTURE(env, { book: slug, id: result.id, content }), saving(env, where, result)]
  const write = async <T>(run: () => Promise<T>) => {
    const detail = `The book has ${MAX_PICTURES} pictures, which is the limit. Remove one that you no longer use.`
    const written = await refuseIfNull({ 'pictures.content': () => new Refusal(409, 'too_many_pictures', detail) }, run)
    forgetBook(env, slug)
    return written
  }
  return { result, statements, write, erasedWith: result.id }
}

/** @returns the picture before and after @throws Refusal 404 */
export async function changePicture(env: Env, where: Where, change: z.infer<typeof pictureChange>, now: number) {
  const pictures = await listPictures(env, where.slug, now)
  const found = pictures.find(({ id }) => id === where.id)
  const before = orNotFound(found, 'picture')
  const picture = { ...before, use: change.use ?? before.use, alt: change.alt ?? before.alt }
  if (!isChanged(before, picture)) return { before, picture }
  await batch(env, [saving(env, where, change)])
  forgetBook(env, where.slug)
  return { before, picture }
}

/** @throws Refusal 404 */
export async function removePicture(env: Env, where: Where, now: number): Promise<void> {
  await readBook(env, where.slug, now)
  const [removed] = await batch(env, [
    REMOVE_PICTURE(env, { ...where }),
    saving(env, where, null),
    eraseAnswers(env, where.id),
  ])
  forgetBook(env, where.slug)
  if (removed.meta.changes === 0) throw notFound('picture')
}

/** A picture that becomes the tile or the divider takes the place of the one before. @param picture null to remove it */
function saving(env: Env, where: Where, picture: z.infer<typeof pictureChange> | null) {
  const use = picture?.use
  const sole = use && SOLE_USES.includes(use) ? use : ''
  return SAVE_PICTURE(env, { ...where, picture: picture && JSON.stringify(picture), sole })
}
