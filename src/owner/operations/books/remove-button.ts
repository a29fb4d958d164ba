import { settingsPath } from '../../../guestbook/books/form'
import { excludeSite } from '../../../guestbook/wall/manage'
import { action } from '../../../kit/operation'

export const removeButton = action({
  call: 'DELETE /api/books/{slug}/buttons/{host}',
  may: 'write',
  act: 'button.removed',
  summary: 'Remove a button from the wall',
  description: 'Adds the site to `wall_excluded`, so its button is not fetched again.',
  refusals: [422],
  noTool: 'setup',
  gives: { 204: { description: 'Removed.' } },
  run: ({ env, now, params }) => excludeSite(env, params.slug, params.host, now),
  changes: (isNew) => isNew,
  form: {
    at: '/books/:slug/wall/:host/remove',
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/wall?done=button_removed`,
  },
})
