import type { Child, PropsWithChildren } from '#jsx'

interface PageProps {
  title: string
  stylesheets: string[]
  script?: '/dashboard.js' | '/guestbook.js' | '/embed-frame.js' | '/docs.js' | undefined
  bodyClass?: string
  language?: string
  direction?: 'ltr' | 'rtl'
  /** More elements of the head. */
  links?: Child
}

/** The frame of every page. It loads nothing from other hosts, and every page works without its script. */
export function Page(props: PropsWithChildren<PageProps>) {
  return (
    <html lang={props.language ?? 'en'} dir={props.direction}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{props.title}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        {props.stylesheets.map((href) => (
          <link rel="stylesheet" href={href} />
        ))}
        {props.links}
        {props.script && <script type="module" src={props.script} />}
      </head>
      <body class={props.bodyClass}>{props.children}</body>
    </html>
  )
}
