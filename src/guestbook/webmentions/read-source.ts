import { hostOf } from '../../kit/lib/url'
import { linksInJson, linksInText } from '../rules/webmentions/linked-addresses'
import { NO_PAGE } from '../rules/webmentions/page-reader'
import type { Fetched } from './fetch-source'
import { type ReadPage, readHtml } from './read-html'

/** What was read from a source. `isSameHost`: whether the page is on the host of the source, after redirects. */
export type ReadSource = ReadPage & { isSameHost: boolean }

type FetchedPage = Extract<Fetched, { state: 'page' }>

/** @param targets as `pageOf` returns them */
export async function readSource(
  fetched: FetchedPage,
  source: string,
  targets: readonly string[]
): Promise<ReadSource> {
  const isSameHost = hostOf(fetched.url) === hostOf(source)
  return { ...(await read(fetched, targets)), isSameHost }
}

/** Reads a page as its media type asks for: https://www.w3.org/TR/webmention/#webmention-verification */
async function read({ url, type, body }: FetchedPage, targets: readonly string[]): Promise<ReadPage> {
  const text = () => new TextDecoder().decode(body)
  if (/[/+]json$/.test(type)) return { links: linksInJson(text(), targets), page: NO_PAGE }
  if (type === 'text/plain' || type === 'text/markdown') return { links: linksInText(text(), targets), page: NO_PAGE }
  return readHtml(body, url, targets)
}
