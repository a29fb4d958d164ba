import type { Where } from './where'

const countries = new Intl.DisplayNames(['en'], { type: 'region' })

/** Shows where a request came from, such as "Firefox on Linux, Germany". */
export function WhereText({ browser, country }: Where) {
  return (
    <>
      {browser || 'an unknown program'}
      {country && `, ${countries.of(country)}`}
    </>
  )
}
