import type { CommentText } from './comment-policy'
import { LINK_START } from './decide'

const LINKS = new RegExp(String.raw`(?:${LINK_START})\S*`, 'gi')

/** @returns whether an edit changes who an entry is from, or where it leads: the name, the website, or the links */
export function changesIdentity(before: CommentText, after: CommentText): boolean {
  return before.name !== after.name || before.website !== after.website || linksOf(before) !== linksOf(after)
}

function linksOf({ body }: CommentText): string {
  return (body.match(LINKS) ?? []).join(' ')
}
