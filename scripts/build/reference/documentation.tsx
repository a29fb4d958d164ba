import type { JSX } from '#jsx'
import { renderText } from '../../../src/kit/html/render'
import { ABOUT, GUIDE_NAMES, GUIDES, type Guide, readGuide } from './guides'
import { llmsText } from './llms'
import { GuidePage } from './pages/guide'
import { HomePage } from './pages/home'
import { SchemasPage } from './pages/schemas'
import type { Site } from './pages/shell'
import { SubjectPage, subjectsOf } from './pages/subject'
import type { Document } from './read-document'
import { searchIndex } from './search-index'

/**
 * Makes the files of the documentation. They are served as assets, which costs the Worker no CPU time. `npm run
 * openapi` writes them.
 * @param read returns the text of a document in docs/, by its name without `.md`
 * @returns the text of each file, by its path in public/
 */
export function documentation(document: Document, read: (name: string) => string): Record<string, string> {
  const guides = GUIDE_NAMES.map((name) => readGuide(name, read(name)))
  const site = siteOf(guides)
  const index = searchIndex(guides, document).map((part) => JSON.stringify(part))
  return {
    'docs.html': html(<HomePage site={site} />),
    'docs/schemas.html': html(<SchemasPage {...{ document, site }} />),
    ...Object.fromEntries(
      subjectsOf().map(([path, tag]) => [`${path.slice(1)}.html`, html(<SubjectPage {...{ document, tag, site }} />)])
    ),
    ...Object.fromEntries(
      guides.map((guide) => [`${guide.path.slice(1)}.html`, html(<GuidePage {...{ guide, site }} />)])
    ),
    // There, pages have no ending.
    'docs/recipes.md': read('recipes').replace(/\]\((\w[\w-]*)\.md/g, '](/docs/$1'),
    'docs/search.json': `[\n${index.join(',\n')}\n]\n`,
    'llms.txt': llmsText(document),
  }
}

function siteOf(guides: Guide[]): Site {
  const groups = Object.entries(GUIDES).map(([group, names]): [string, Site[string]] => [
    group,
    names.map((name) => [
      `/docs/${name}`,
      guides.find(({ path }) => path === `/docs/${name}`)?.title ?? name,
      ABOUT[name],
    ]),
  ])
  return { ...Object.fromEntries(groups), 'API reference': [...subjectsOf(), ['/docs/schemas', 'Schemas']] }
}

function html(page: JSX.Element): string {
  return `${renderText(page)}\n`
}
