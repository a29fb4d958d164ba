import type { Context } from 'hono'
import type { Book } from '../../books/book'
import { isActive } from '../../core/guestbook/bans'
import type { HonoEnv } from '../../env'
import { isFromNetwork } from '../../http/visitor'

/** @returns whether the owner of a book has banned the network that a request comes from */
export async function isBannedNetwork(c: Context<HonoEnv>, { bans }: Book, now: number): Promise<boolean> {
  const active = bans.filter((ban) => ban.by === 'visitor' && isActive(ban, now))
  const found = await Promise.all(active.map(({ value, key = '' }) => isFromNetwork(c, value, key)))
  return found.includes(true)
}
