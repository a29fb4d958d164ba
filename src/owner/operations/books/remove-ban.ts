import { settingsPath } from '../../../guestbook/books/form'
import { removeBan as remove } from '../../../guestbook/moderation/bans'
import { notFound } from '../../../kit/http/problem'
import { action } from '../../../kit/operation'

export const removeBan = action({
  call: 'DELETE /api/books/{slug}/bans/{id}',
  may: 'moderate',
  act: 'ban.removed',
  summary: 'Remove a ban',
  noTool: 'rare',
  gives: { 204: { description: 'Removed.' } },
  run: async ({ env, now, params }) => {
    if (!(await remove(env, params.slug, params.id, now))) throw notFound('ban')
  },
  form: {
    at: '/books/:slug/bans/:id/remove',
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/bans?done=ban_removed`,
  },
})
