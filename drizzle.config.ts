import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: './src/kit/db/schema.ts',
  out: './migrations',
})
