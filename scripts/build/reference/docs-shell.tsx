import type { Child, PropsWithChildren } from '#jsx'
import { Page } from '../../../src/kit/html/layout'

const PAGES = [
  { href: '/docs', label: 'API' },
  { href: '/docs/schemas', label: 'Schemas' },
  { href: '/docs/recipes', label: 'Recipes' },
] as const

interface DocsProps {
  /** The heading of the page. */
  title: string
  page: (typeof PAGES)[number]['href']
  /** Links to the parts of the page. */
  contents: Child
}

/**
 * The frame of the documentation. The contents are a rail on a desktop and can be unfolded on a phone. They are in the
 * page twice, because a closed `details` cannot be opened by a stylesheet.
 */
export function Docs(props: PropsWithChildren<DocsProps>) {
  return (
    <Page
      title={`${props.title} · Guesthook`}
      stylesheets={['/dashboard.css', '/docs.css']}
      links={<link rel="alternate" type="text/plain" href="/llms.txt" title="For language models" />}
      bodyClass="docs"
    >
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="bar">
        <nav aria-label="Guesthook">
          <a class="brand" href="/">
            <span aria-hidden="true">←</span> Guestbook
          </a>
          <a class="second" href="/admin">
            Dashboard
          </a>
          {PAGES.map(({ href, label }) => (
            <a href={href} aria-current={href === props.page ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
      </header>
      <div class="sheet">
        <nav class="contents wide-only" aria-label="On this page">
          {props.contents}
        </nav>
        <main id="main">
          <h1>{props.title}</h1>
          <details class="card narrow-only">
            <summary>On this page</summary>
            <nav class="contents" aria-label="On this page">
              {props.contents}
            </nav>
          </details>
          {props.children}
        </main>
      </div>
    </Page>
  )
}
