import type { CommentText } from './comment-policy'
import { LINK_START } from './decide'

const LINKS = new RegExp(String.raw`(?:${LINK_START})\S*`, 'gi')

/** `answers` and `extra` are JSON. */
type Linking = CommentText & { answers?: string; extra?: string }

/** @returns whether an edit changes who an entry is from, or where it leads: the name, the website, or the links in what it says */
export function changesIdentity(before: Linking, after: Linking): boolean {
  return before.name !== after.name || before.website !== after.website || linksOf(before) !== linksOf(after)
}

function linksOf({ body, answers = '', extra = '' }: Linking): string {
  return ([body, answers, extra].join('\n').match(LINKS) ?? []).join(' ')
}
