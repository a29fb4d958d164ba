import { described, doc, documented } from '#doc'
import { bodyOf, changeOf } from '../../kit/body-schema'
import { inKb } from '../../kit/lib/amounts'
import { idPattern } from '../../kit/lib/ids'
import * as z from '../../zod'
import { judgeLine } from '../rules/entries/book-policy'
import {
  ALT_MAX,
  PICTURE_MAX_BYTES,
  PICTURE_TYPES,
  PICTURE_USES,
  type Picture,
  picturePath,
  SIDE_MAX,
} from '../rules/looks/picture'

const ABOUT_USE = described(
  '`header`: a picture at the top of the page. `tile`: the background of the page. `divider`: the picture between entries. A book has at most one tile and one divider.'
)

const use = z.enum(PICTURE_USES).openapi(ABOUT_USE)
const alt = z
  .string()
  .refine((text) => text === '' || judgeLine('', text, ALT_MAX).ok, `Use plain text of up to ${ALT_MAX} characters.`)
  .openapi(described('What the picture shows, for people who cannot see it. Empty if the picture is decorative.'))
const side = z.int().min(1).max(SIDE_MAX)

/** What is stored about a picture. */
export const picture = z.object({
  id: z.string().regex(idPattern('pic')),
  use,
  alt,
  type: z.enum(PICTURE_TYPES),
  width: side,
  height: side,
  size: z.int().min(1).max(PICTURE_MAX_BYTES).openapi(described('The size of the file in bytes.')),
}) satisfies z.ZodType<Picture>

export const pictureIn = bodyOf(doc('PictureIn'), {
  content: z.string().openapi(
    doc(() => ({
      example: 'R0lGODlhAwACAIAAAExpcf8AACH5BAUAAAAALAAAAAADAAIAAAICjF8AOw==',
      description: `A file in base64, up to ${inKb(PICTURE_MAX_BYTES)} and ${SIDE_MAX} pixels on each side.`,
    }))
  ),
  use: use.default('header'),
  alt: alt.default(''),
})

export const pictureChange = changeOf(doc('PictureChange'), { use, alt })
export const pictureOut = documented('Picture', () => picture.extend({ url: z.string() }))

export function toPicture(slug: string, one: Picture, origin: string) {
  return { ...one, url: origin + picturePath(slug, one.id) }
}
