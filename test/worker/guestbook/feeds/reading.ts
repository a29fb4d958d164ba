import { parseAtomFeed, parseJsonFeed } from 'feedsmith'
import { expect } from 'vitest'
import { World } from '../../../support/world'
import { getText } from './site'

export const FEEDS = ['/feed.atom', '/feed.json', '/b/summer/feed.atom', '/b/summer/feed.json']

/** A world with the book "summer". */
export async function withBook(more: Record<string, unknown> = {}): Promise<World> {
  const world = new World()
  expect((await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer', ...more })).status).toBe(201)
  return world
}

export const bookOf = (path: string) => (path.includes('summer') ? 'summer' : 'main')

/** @returns the ids of the entries of a feed in either format, and the URL of the next page */
export async function read(world: World, path: string): Promise<{ ids: string[]; next: string | undefined }> {
  const text = await getText(world, path)
  if (path.includes('.json')) {
    const { items = [], next_url } = parseJsonFeed(text)
    return { ids: items.map(({ id }) => String(id)), next: next_url }
  }
  const { entries = [], links = [] } = parseAtomFeed(text)
  return { ids: entries.map(({ id }) => String(id)), next: links.find(({ rel }) => rel === 'next')?.href }
}
