import type { Context } from 'hono'
import type { Book } from '../../books/book'
import { isActive } from '../../core/guestbook/bans'
import type { HonoEnv } from '../../env'
import { hashUnder } from '../../http/visitor'

/** @returns whether the owner of a book has banned the network that a request comes from */
export async function isBannedNetwork(c: Context<HonoEnv>, { bans }: Book, now: number): Promise<boolean> {
  const active = bans.filter((ban) => ban.by === 'visitor' && isActive(ban, now))
  // Bans of one day have the same key, so there are few different ones.
  const keys = [...new Set(active.map(({ key = '' }) => key))]
  const hashes = await Promise.all(keys.map((key) => hashUnder(c, key)))
  return active.some(({ value }) => hashes.includes(value))
}
