import { env } from 'cloudflare:workers'

/** @returns every table and column that contains a text, as `table.column` */
export async function tablesWith(text: string): Promise<string[]> {
  const { results: tables } = await env.DB.prepare(
    `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like '_cf_%'`
  ).all<{ name: string }>()
  const found: string[] = []
  for (const { name } of tables) {
    const { results } = await env.DB.prepare(`select * from ${name}`).all()
    for (const row of results) {
      for (const [column, value] of Object.entries(row)) {
        if (String(value).includes(text)) found.push(`${name}.${column}`)
      }
    }
  }
  return [...new Set(found)].toSorted()
}
