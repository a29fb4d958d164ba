import { isolated } from '../../kit/lib/text/bidi'
import { type Picture, picturePath } from '../rules/looks/picture'

type PictureProps = { slug: string; picture: Picture; class?: string }

/** A picture of the owner. */
export function OwnPicture({ slug, picture: { id, alt, width, height }, class: look }: PictureProps) {
  return <img class={look} src={picturePath(slug, id)} alt={isolated(alt)} width={width} height={height} />
}
