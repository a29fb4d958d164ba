import type { FormatOptions } from '../looks/formatting'
import { type Feed, type FeedEntry, feedText, htmlOf, summaryOf } from './feed'
import { legible } from './markup'

/** @returns one page of a feed as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) */
export function toJsonFeed(feed: Feed): string {
  const members = {
    version: 'https://jsonfeed.org/version/1.1',
    title: legible(feed.title),
    home_page_url: feed.home,
    feed_url: feed.self,
    description: legible(feed.subtitle),
    ...(feed.next !== null && { next_url: feed.next }),
    favicon: feed.icon,
    language: feed.language,
    // The format has no date for the feed itself. The names of extensions start with an underscore.
    _guesthook: { updated: time(feed.updated) },
    items: feed.entries.map((entry) => toItem(entry, feed.options)),
  }
  return `${JSON.stringify(members)}\n`
}

function toItem(entry: FeedEntry, options: FormatOptions) {
  const { url, author } = entry
  return {
    id: url,
    url,
    title: legible(entry.title),
    content_html: htmlOf(entry, options),
    content_text: feedText(entry),
    summary: summaryOf(entry),
    date_published: time(entry.published),
    date_modified: time(entry.updated),
    authors: [{ name: legible(author.name), ...(author.url !== null && { url: author.url }) }],
  }
}

const time = (at: number): string => new Date(at).toISOString()
