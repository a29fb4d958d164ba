import * as z from 'zod'
import { bodyOf, changeOf } from '../../kit/body-schema'
import { inKb } from '../../kit/lib/amounts'
import { idPattern } from '../../kit/lib/ids'
import { judgeLine } from '../rules/entries/book-texts'
import {
  ALT_MAX,
  PICTURE_MAX_BYTES,
  PICTURE_TYPES,
  PICTURE_USES,
  type Picture,
  picturePath,
  SIDE_MAX,
} from '../rules/looks/picture'

const use = z
  .enum(PICTURE_USES)
  .describe(
    '`header`: a picture at the top of the page. `tile`: the background of the page. `divider`: the picture between entries. A book has at most one tile and one divider.'
  )
const alt = z
  .string()
  .refine((text) => text === '' || judgeLine('', text, ALT_MAX).ok, `Use plain text of up to ${ALT_MAX} characters.`)
  .describe('What the picture shows, for people who cannot see it. Empty if the picture is decorative.')
const side = z.int().min(1).max(SIDE_MAX)

/** What is stored about a picture. */
export const picture = z.object({
  id: z.string().regex(idPattern('pic')),
  use,
  alt,
  type: z.enum(PICTURE_TYPES),
  width: side,
  height: side,
  size: z.int().min(1).max(PICTURE_MAX_BYTES).describe('The size of the file in bytes.'),
}) satisfies z.ZodType<Picture>

export const pictureIn = bodyOf('PictureIn', {
  content: z.string().meta({
    example: 'R0lGODlhAwACAIAAAExpcf8AACH5BAUAAAAALAAAAAADAAIAAAICjF8AOw==',
    description: `A file in base64, up to ${inKb(PICTURE_MAX_BYTES)} and ${SIDE_MAX} pixels on each side.`,
  }),
  use: use.default('header'),
  alt: alt.default(''),
})

export const pictureChange = changeOf('PictureChange', { use, alt })
export const pictureOut = picture.extend({ url: z.string() }).meta({ id: 'Picture' })

export function toPicture(slug: string, one: Picture, origin: string) {
  return { ...one, url: origin + picturePath(slug, one.id) }
}
