import { renderText } from '../../../src/kit/html/render'
import { llmsText } from './llms'
import type { Document } from './read-document'
import { RecipesPage } from './recipes-page'
import { ReferencePage } from './reference-page'
import { SchemasPage } from './schemas-page'

/**
 * Makes the files of the documentation. They are served as assets, which costs the Worker no CPU time. `npm run
 * openapi` writes them.
 * @param recipes docs/recipes.md
 * @returns the text of each file, by its path in public/
 */
export function documentation(document: Document, recipes: string): Record<string, string> {
  return {
    'docs.html': `${renderText(<ReferencePage document={document} />)}\n`,
    'docs/schemas.html': `${renderText(<SchemasPage document={document} />)}\n`,
    'docs/recipes.html': `${renderText(<RecipesPage markdown={recipes} />)}\n`,
    'docs/recipes.md': recipes,
    'llms.txt': llmsText(document),
  }
}
