import { described, documented } from '#doc'
import { iso } from '../../kit/http/pagination'
import * as z from '../../zod'
import { buttonPath } from '../rules/looks/wall'
import type { Site } from './store'

export const buttonOut = documented('Button', () =>
  z.object({
    host: z.string().openapi(described('The site, by the host of its address.')),
    comment_id: z.string().openapi(described('The latest entry of the site.')),
    url: z.string().openapi(described('Where the button is expected.')),
    image_url: z.string().nullable().openapi(described('The button on the wall, or null.')),
    reason: z.string().nullable().openapi(described('Why it was not fetched, such as `not_found` or `wrong_size`.')),
    due_at: z.string().nullable().openapi(described('When it will be fetched, or null.')),
  })
)

export function toButton(slug: string, site: Site, origin: string): z.infer<typeof buttonOut> {
  const { host, comment_id, url, hash, reason } = site
  const image_url = hash === null ? null : origin + buttonPath(slug, { host, hash })
  return { host, comment_id, url, image_url, reason, due_at: iso(site.due_at) }
}
