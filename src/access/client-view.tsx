import type { Client } from './client'

const countries = new Intl.DisplayNames(['en'], { type: 'region' })

/** Shows where a request came from, such as "Firefox on Linux, Germany". */
export function ClientText({ browser, country }: Client) {
  return (
    <>
      {browser || 'an unknown program'}
      {country && `, ${countries.of(country)}`}
    </>
  )
}
