import { parseUrl } from '../../../../../kit/lib/url'

/** @returns the path of a URL, or an empty string */
export const pathnameOf = (url: string): string => parseUrl(url)?.pathname ?? ''

/** @returns the URL with another part */
export function changed(url: string, part: Partial<Pick<URL, 'pathname' | 'search'>>): string {
  const target = parseUrl(url)
  return target ? Object.assign(target, part).href : url
}
