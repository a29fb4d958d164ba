import type { Child, PropsWithChildren } from '#jsx'
import { Page } from '../../../../src/kit/html/layout'

/** All pages of the documentation in groups: the address and the title of each, and what a guide is about. */
export type Site = Record<string, [path: string, title: string, about?: string][]>

interface DocsProps {
  /** The heading of the page. */
  title: string
  /** The address of the page. */
  page: string
  site: Site
  /** Links to the parts of the page. */
  contents?: Child
}

/** The frame of the documentation. The list of pages is a rail on a desktop, and a menu on a phone. */
export function Docs(props: PropsWithChildren<DocsProps>) {
  return (
    <Page
      title={`${props.title} · Guesthook`}
      stylesheets={['/dashboard.css', '/docs.css']}
      script="/docs.js"
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
          <a href="/docs" aria-current={props.page === '/docs' ? 'page' : undefined}>
            Docs
          </a>
          <a href="/docs#search">Search</a>
          <button class="menu" type="button" popovertarget="pages">
            <span aria-hidden="true">☰</span> Pages
          </button>
        </nav>
      </header>
      <div class="sheet">
        <nav id="pages" class="contents" aria-label="Documentation" popover="auto">
          <PageList {...props} />
        </nav>
        <main id="main">
          <h1>{props.title}</h1>
          {props.children}
        </main>
      </div>
    </Page>
  )
}

function PageList({ site, page, contents }: Pick<DocsProps, 'site' | 'page' | 'contents'>) {
  return (
    <>
      {Object.entries(site).map(([group, pages]) => (
        <>
          <p class="group-name">{group}</p>
          <ul>
            {pages.map(([path, title]) => (
              <li>
                <a href={path} aria-current={path === page ? 'page' : undefined}>
                  {title}
                </a>
                {path === page && contents}
              </li>
            ))}
          </ul>
        </>
      ))}
    </>
  )
}

/** The parts of a page. docs.js marks the one that is being read. */
export function Contents({ links }: { links: [href: string, text: Child][] }) {
  return (
    <ul class="parts">
      {links.map(([href, text]) => (
        <li>
          <a href={href}>{text}</a>
        </li>
      ))}
    </ul>
  )
}
