import { settingsPath } from '../../../guestbook/books/form'
import { removeBan as remove } from '../../../guestbook/moderation/bans'
import { action, doc } from '../../../kit/operation'

export const removeBan = action({
  call: 'DELETE /api/books/{slug}/bans/{id}',
  act: 'ban.removed',
  ...doc({ summary: 'Remove a ban', noTool: 'rare' }),
  gives: { 204: { description: doc('Removed.') } },
  run: ({ env, now, params }) => remove(env, params.slug, params.id, now),
  changes: (isRemoved) => isRemoved,
  form: {
    at: '/books/:slug/bans/:id/remove',
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/bans?done=ban_removed`,
  },
})
