import { SCANNED } from '../../../kit/db/sql/scanned'
import { action, json, pageOf, readCursor } from '../../../kit/operation'
import { countStatuses, findMessages, outcomesOf } from '../../../webhooks/send/messages/list-messages'
import { listedMessage, messageQuery, timesOf, toMessage } from '../../../webhooks/send/messages/schemas'

export const listMessages = action({
  call: 'GET /api/messages',
  may: 'read',
  summary: 'List messages, newest first',
  description: `A request with a filter searches at most ${SCANNED} messages, so a page may be empty and still have a \`next\` cursor.`,
  refusals: [400, 422],
  query: messageQuery,
  gives: { 200: json(pageOf(listedMessage, 'MessagePage'), 'A page of messages.') },
  run: async ({ env, query: { limit, cursor, since, until, ...filter } }) => {
    const wanted = { ...filter, ...timesOf({ since, until }) }
    const page = await findMessages(env, wanted, readCursor('msg', cursor), limit)
    return { ...page, outcomes: await outcomesOf(env, page.data) }
  },
  show: ({ data, next, outcomes }) => ({
    data: data.map((row) => ({ ...toMessage(row), outcome: outcomes && countStatuses(outcomes.get(row.id) ?? []) })),
    next,
  }),
  tool: {
    name: 'list_messages',
    title: 'List messages',
    description: 'Lists outgoing messages, newest first, with how many deliveries of each one succeeded or failed.',
    takes: ['state', 'type', 'q', 'since', 'until', 'limit', 'cursor'],
    fromStrangers: false,
  },
})
