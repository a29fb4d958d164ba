import type { CommentText } from './comment-policy'

/** @returns whether an edit changes who an entry is from, or where it leads: the name, the website, or the links */
export function changesIdentity(before: CommentText, after: CommentText): boolean {
  return before.name !== after.name || before.website !== after.website || linksOf(before) !== linksOf(after)
}

/** The same beginnings of links as in `countLinks`. */
function linksOf({ body }: CommentText): string {
  return (body.match(/(https?:\/\/|www\.)\S*/gi) ?? []).join(' ')
}
