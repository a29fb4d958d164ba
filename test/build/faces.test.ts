import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FACE_SLUGS, facePath } from '../../src/core/looks/faces'
import { drawPicture } from '../../src/core/looks/faces/bitmap'
import { CREATURES } from '../../src/core/looks/faces/creatures'
import { ODDITIES } from '../../src/core/looks/faces/oddities'
import { PEOPLE } from '../../src/core/looks/faces/people'

/* The pictures are drawn from letters. `npm run faces` updates the files. */

const PICTURES = { ...PEOPLE, ...CREATURES, ...ODDITIES }

it.each(Object.entries(PICTURES))('the file of %s is current', async (slug, picture) => {
  await expect(`${drawPicture(picture)}\n`).toMatchFileSnapshot(`../../public${facePath(slug)}`)
})

it('there is a file for each face, and no other', () => {
  const files = readdirSync(join(import.meta.dirname, '../../public', facePath('x'), '..'))
  expect(files.toSorted()).toEqual(FACE_SLUGS.map((slug) => `${slug}.svg`).toSorted())
})
