import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aGuestComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { guestBrowser, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'
import { exportAll, restore, wipe } from '../../owner/moving/backups'
import { post, theImport } from '../../owner/moving/imports'

type Answer = { question_id: string; question: string; answer: string }
type Comment = { id: string; edit_token: string; answers: Answer[]; edited_at: string | null }
type Asked = { text: string; is_required?: boolean; expected?: string }

async function aBook(...questions: Asked[]) {
  const world = await withoutModeration(new World())
  /** @returns the ids of the questions, in their order */
  const ask = async (...asked: Asked[]) => {
    const { status, body } = await world.api<{ questions: { question_id: string }[] }>('PATCH', '/api/books/main', {
      questions: asked,
    })
    expect(status).toBe(200)
    return body.questions.map(({ question_id }) => question_id)
  }
  const ids = await ask(...questions)
  const sign = async (answers: unknown) => (await aGuestComment(world, { answers })) as Comment & { id: string }
  const read = async (id: string) => (await world.api<Comment>('GET', `/api/comments/${id}`)).body
  return {
    world,
    ids,
    ask,
    sign,
    read,
    said: async (id: string) => (await read(id)).answers.map(({ question, answer }) => `${question} ${answer}`),
    edit: (id: string, change: object) => world.api<Comment>('PATCH', `/api/comments/${id}`, change),
  }
}

const [COLOR, TOWN, SHAPE] = [{ text: 'Color?' }, { text: 'Town?' }, { text: 'Shape?' }]
const SAME = [{ text: 'And why?' }, { text: 'And why?' }]

describe('two questions with the same text', () => {
  it('keep both answers in the form with which a guest edits the entry', async () => {
    const { world, read, said } = await aBook(...SAME)
    const fields = (html: string) =>
      [...html.matchAll(/ name="(answer_\w+)"[^>]* value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value])
    const guest = guestBrowser(world)
    const names = fields(await (await guest.get('/')).text()).map(([name]) => name)
    await guest.sign({ body: 'A tpyo', [names[0] ?? '']: 'one', [names[1] ?? '']: 'two' })
    const { id } = (await world.api<{ data: Comment[] }>('GET', '/api/comments')).body.data[0] as Comment
    const form = fields(await (await guest.get(`/comments/${id}/edit`)).text())
    expect(form.map(([, value]) => value)).toEqual(['one', 'two'])
    await guest.post(`/comments/${id}/edit`, { name: 'Ada', body: 'A typo', ...Object.fromEntries(form) })
    expect([(await read(id)).edited_at !== null, await said(id)]).toEqual([true, ['And why? one', 'And why? two']])
  })

  it('keep the answer that a change leaves out, and the only answer stays with the second', async () => {
    const { ids, sign, said, edit, read } = await aBook(...SAME)
    const both = await sign(['one', 'two'])
    expect((await edit(both.id, { answers: ['first'] })).status).toBe(200)
    expect(await said(both.id)).toEqual(['And why? first', 'And why? two'])
    expect((await edit(both.id, { answers: [{ question_id: ids[1], answer: '' }] })).status).toBe(200)
    expect(await said(both.id)).toEqual(['And why? first'])
    const second = await sign(['', 'two'])
    await edit(second.id, { answers: ['one'] })
    expect((await read(second.id)).answers).toMatchObject([
      { question_id: ids[0], answer: 'one' },
      { question_id: ids[1], answer: 'two' },
    ])
  })
})

describe('an answer with the id of its question', () => {
  it('stays with it, although the owner has moved the question since', async () => {
    const { ids, ask, sign, said, edit } = await aBook(COLOR, TOWN)
    const given = [
      { question_id: ids[0], answer: 'blue' },
      { question_id: ids[1], answer: 'Rome' },
    ]
    expect(await ask(TOWN, SHAPE, COLOR)).toEqual([ids[1], expect.any(String), ids[0]])
    const { id } = await sign(given)
    expect(await said(id)).toEqual(['Town? Rome', 'Color? blue'])
    await edit(id, { answers: [{ question_id: ids[0], answer: 'red' }] })
    expect(await said(id)).toEqual(['Town? Rome', 'Color? red'])
    await ask(COLOR)
    const { id: other } = await sign(given)
    expect(await said(other)).toEqual(['Color? blue'])
    // An answer by position is still accepted, and shows the id, too.
    expect((await sign(['green'])).answers).toEqual([{ question_id: ids[0], question: 'Color?', answer: 'green' }])
  })

  it('is refused under this id, and under the position if it comes without one', async () => {
    const { world, ids } = await aBook(COLOR, { ...TOWN, is_required: true })
    const refused = async (answers: unknown) =>
      (await world.api('POST', '/api/comments', { name: 'Ada', body: 'Hi', answers }, {})).body
    const named = await refused([{ question_id: ids[0], answer: 'blue' }])
    expect(named).toMatchObject({ errors: [{ path: `answers.${ids[1]}` }] })
    expect(await refused(['blue'])).toMatchObject({ errors: [{ path: 'answers.1' }] })
    expect(await refused([{ question_id: ids[0] }])).toMatchObject({ code: 'invalid_input' })
  })

  it('is in events, in the embed API, and in the settings, which can be sent back as they were read', async () => {
    const { world, ids, sign } = await aBook(COLOR, TOWN)
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['comment.published'] })
    await sign(['blue'])
    await world.drain()
    const answers = [{ question_id: ids[0], question: 'Color?', answer: 'blue' }]
    expect(JSON.parse((await box.received())[0]?.body ?? '').data.comment.answers).toEqual(answers)
    expect((await world.api('GET', '/api/books/main/embed/entries')).body).toMatchObject({ data: [{ answers }] })
    const embedded = await world.api<{ questions: { question_id: string }[] }>('GET', '/api/books/main/embed')
    expect(embedded.body.questions.map(({ question_id }) => question_id)).toEqual(ids)
    const { questions } = (await world.api('GET', '/api/books/main')).body
    expect((await world.api('PATCH', '/api/books/main', { questions })).body).toMatchObject({ questions })
    const { settings = '' } = (await env.DB.prepare('select settings from books').first<{ settings: string }>()) ?? {}
    expect(settings).not.toContain('question_id')
  })
})

describe('the answers of an entry', () => {
  it('of an earlier version, which stored no ids, are shown and edited, and saving them again changes nothing', async () => {
    const { ids, sign, read, said, edit } = await aBook(...SAME, COLOR)
    const { id } = await sign(['one', 'two', 'blue'])
    await env.DB.prepare('update comments set answers = replace(answers, \'"question_id":\', \'"x":\')').run()
    expect((await read(id)).answers.map(({ question_id }) => question_id)).toEqual(ids)
    const same = await edit(id, { answers: ['one', 'two', 'blue'] })
    expect([same.status, same.body.edited_at]).toEqual([200, null])
    await edit(id, { answers: ['1'] })
    expect(await said(id)).toEqual(['And why? 1', 'And why? two', 'Color? blue'])
  })

  it('stay although the question now needs an expected answer, which is not asked again', async () => {
    const { ask, sign, said, edit } = await aBook(COLOR, TOWN)
    const { id } = await sign(['blue', 'Rome'])
    await ask({ ...COLOR, expected: 'green' }, TOWN)
    await edit(id, { answers: ['', 'Paris'] })
    expect((await said(id)).toSorted()).toEqual(['Color? blue', 'Town? Paris'])
  })

  it('to many earlier questions are in a backup and an export with their ids, and come back', async () => {
    const { world, ask, sign, edit, read } = await aBook(COLOR, TOWN, SHAPE)
    const { id } = await sign(['blue', 'Rome', 'round'])
    await ask({ text: 'Moon?' }, ...SAME)
    await edit(id, { answers: ['full', '', 'because'] })
    const { answers } = await read(id)
    expect(answers).toHaveLength(5)
    const lines = await exportAll(world)
    await wipe()
    const restored = new World()
    expect(await restore(restored, lines)).toMatchObject({ status: 200 })
    expect((await restored.api<Comment>('GET', `/api/comments/${id}`)).body.answers).toEqual(answers)
    await wipe()
    const other = new World()
    const file = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const imported = await post(other, file, '?format=guesthook')
    await other.drain()
    expect(await theImport(other, imported.body.id)).toMatchObject({ imported: 1 })
    expect((await other.api<Comment>('GET', `/api/comments/${id}`)).body.answers).toEqual(answers)
  })
})
