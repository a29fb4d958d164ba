import * as z from 'zod'
import type { ClockedTime } from '../../kit/lib/time'
import { sendOwn } from '../../webhooks/work/send-orders'
import { verifyMentions } from './verify'

const KIND = 'mention'

/** A message in the `patient` queue: a page that has to be fetched, because it may mention a book. */
const mentionOrder = z.object({ kind: z.literal(KIND), source: z.string() })

/** Triggers the check of pages, which may respond slowly. @returns false if a wake-up was lost */
export function wakeMentions(env: Env, sources: string[]): Promise<boolean> {
  const orders = sources.map((source): z.infer<typeof mentionOrder> => ({ kind: KIND, source }))
  return sendOwn(env, orders)
}

/** @returns false if the order is of another kind */
export async function consumeMention(env: Env, order: unknown, times: ClockedTime): Promise<boolean> {
  const mention = mentionOrder.safeParse(order)
  if (mention.success) await verifyMentions(env, mention.data.source, times)
  return mention.success
}
