import { DRAWING_MAX, SHEET } from '../../src/guestbook/rules/entries/drawing'

/** The form of `<guest-book>`: index.js loads it when a guest opens it. */
export class GuestForm {
  constructor(host, place, make, call, origin) {
    Object.assign(this, { host, place, make, call, origin, ...host.book })
    this.storage = `guest-book ${origin} ${host.slug}`
    this.submit = make('button', {})
    const remover = this.button(this.texts.delete_entry, () => this.run(() => this.remove()))
    this.remover = this.fold(`${this.texts.delete_entry}…`, remover)
    this.changer = this.button(this.texts.edit, () => this.edit(!this.isEdit))
    this.opener = this.button(this.texts.sign_heading, () => this.edit(false))
    this.edit(false)
    host.status.after(this.changer)
  }

  button(text, onclick) {
    return Object.assign(this.make('button', { type: 'button' }, text), { onclick })
  }

  makeForm() {
    const { make, texts, limits, questions } = this
    const form = make(
      'form',
      {},
      this.field('name', texts.your_name, limits.name, { required: true, autocomplete: 'name' }),
      this.field('body', texts.your_message, limits.body, { required: true, rows: 4 }, 'textarea'),
      ...questions.map(({ question_id, text, is_required }) =>
        this.field(`answers.${question_id}`, text, limits.answer, { required: is_required, name: null })
      ),
      this.fold(texts.more_fields, ...this.more()),
      make('div', {}, texts.waits)
    )
    form.onsubmit = (event) => {
      event.preventDefault()
      this.run(() => (this.isEdit ? this.change() : this.sign()))
    }
    return form
  }

  /** The fields that the page of the book folds up, too. */
  more() {
    const { make, texts, limits, asks_for, moods, faces, drawings } = this
    const mood = moods.map((value) => [value, value])
    const face = faces.map(({ avatar, name, url }) => [avatar, make('img', { src: url, alt: name, loading: 'lazy' })])
    return [
      this.field('website', `${texts.your_website} (${texts.optional})`, limits.website, {
        autocomplete: 'url',
        inputmode: 'url',
        dir: 'ltr',
      }),
      moods[0] && this.choices('mood_choice', texts.your_mood, [['', texts.no_mood], ...mood]),
      ...asks_for.map((name) => {
        const label = name === 'mood' ? texts.own_mood : `${texts.your_place} (${texts.optional_detail})`
        return this.field(name, label, limits.detail)
      }),
      // The pictures are loaded when a guest opens the fold.
      face[0] && this.fold(texts.choose_face, this.choices('avatar', texts.your_face, [['', texts.no_face], ...face])),
      drawings && this.pad(),
      this.check('pre', texts.keep_lines),
      this.check('is_private', texts.private_entry),
    ]
  }

  fold(summary, ...content) {
    return this.make('details', {}, this.make('summary', {}, summary), ...content)
  }

  check(name, label) {
    return this.make('label', {}, this.make('input', { type: 'checkbox', name }), ' ', label)
  }

  /** @param options a value and what shows it, each; the first one is chosen */
  choices(name, legend, options) {
    const { make } = this
    const labels = options.map(([value, shown], i) => {
      const input = Object.assign(make('input', { type: 'radio', name, checked: i === 0 }), { value })
      return make('label', {}, input, ' ', shown)
    })
    return make('fieldset', {}, make('legend', {}, legend), ...labels)
  }

  /** The pad of the page, whose script is loaded when a guest opens this one. */
  pad() {
    const { make, texts } = this
    const pad = make(
      'fieldset',
      { 'data-pad': DRAWING_MAX, 'aria-label': texts.your_drawing, hidden: true },
      make('input', { type: 'hidden', name: 'drawing' }),
      make('svg', { class: 'drawing', viewBox: SHEET, 'aria-hidden': 'true' }),
      this.button(texts.drawing_undo),
      ' ',
      this.button(texts.drawing_clear),
      ' ',
      make('output', { 'data-text': texts.drawing_left })
    )
    const fold = this.fold(texts.your_drawing, pad)
    fold.ontoggle = () => {
      fold.ontoggle = null
      import(`${this.origin}/doodle.js`).then(({ startPad }) => startPad(pad)).catch(() => this.host.fail())
    }
    return fold
  }

  /** Counts characters as the server does, near the limit. It cuts nothing. */
  field(name, label, max, attributes, tag = 'input') {
    const { make } = this
    const input = make(tag, { id: name, name, 'aria-describedby': `e-${name}`, ...attributes })
    input.oninput = () => {
      const { length } = [...input.value]
      this.note(name, length > max * 0.9 ? `${length} / ${max}` : '', length > max)
    }
    const note = make('p', { id: `e-${name}` })
    return make('div', { class: 'field' }, make('label', { for: name, dir: 'auto' }, label), input, note)
  }

  note(name, text, isFaulty) {
    this.host.find(`e-${name}`).textContent = text
    this.form.elements[name].ariaInvalid = isFaulty ? true : null
  }

  /** Shows the form with which the entry was signed, or one for another entry, which keeps what is typed until it is sent. */
  edit(isEdit) {
    const { make, texts, own } = this
    this.isEdit = isEdit
    this.unsent ??= this.makeForm()
    this.form = isEdit ? own.form : this.unsent
    this.form.append(this.submit, ' ', this.remover)
    this.place.replaceChildren(make('h3', {}, isEdit ? texts.edit_heading : texts.sign_heading), this.form)
    this.submit.textContent = isEdit ? texts.save : texts.sign
    Object.assign(this.remover, { hidden: !isEdit, open: false })
    this.form.elements.is_private.parentNode.hidden = isEdit || !this.allows_private
    this.changer.hidden = !own
    this.form.elements.name.focus()
  }

  /** One request at a time. It fails without network, or if the response is not JSON. */
  run(act) {
    this.sending ??= act()
      .catch(() => this.host.fail())
      .finally(() => (this.sending = null))
  }

  /** @returns what was entered, as the API takes it */
  entered() {
    const { form, questions } = this
    const { mood_choice, is_private, pre, ...texts } = Object.fromEntries(new FormData(form))
    return {
      ...texts,
      // The guest's own words count more than a mood of the list.
      mood: texts.mood || mood_choice,
      answers: questions.map(({ question_id }) => ({
        question_id,
        answer: form.elements[`answers.${question_id}`].value,
      })),
      pre: Boolean(pre),
    }
  }

  async sign() {
    const is_private = this.form.elements.is_private.checked
    const json = JSON.stringify({ book: this.slug, ...this.entered(), is_private })
    // A guest who tries again after a network error does not sign twice.
    if (json !== this.sent) this.key = crypto.getRandomValues(new Uint32Array(4)).join('-')
    this.sent = json
    const answer = await this.send('POST', '', this.token(), json, { 'Idempotency-Key': this.key })
    if (!answer) return
    this.sent = this.unsent = null
    const { status, edit_token } = answer
    this.own = edit_token && { ...answer, form: this.form }
    this.token(edit_token)
    return this.done(answer, `thanks_${is_private ? 'private' : status}`)
  }

  async change() {
    const { id, edit_token, edited_at } = this.own
    // What the owner has changed since must not come back.
    const answer = await this.send('PATCH', `/${id}`, edit_token, JSON.stringify({ ...this.entered(), edited_at }))
    if (!answer) return
    this.own.edited_at = answer.edited_at
    return this.done(answer, answer.status === 'held' ? 'thanks_edited_held' : 'thanks_edited')
  }

  async remove() {
    const { id, edit_token } = this.own
    if (!(await this.send('DELETE', `/${id}`, edit_token))) return
    this.own = null
    return this.done({ id }, 'thanks_deleted')
  }

  /** @returns the answer; nothing if the guest was told what is wrong */
  async send(method, path, token, body, more) {
    const headers = { 'Accept-Language': this.language, 'Content-Type': 'application/json', ...more }
    if (token) headers.Authorization = `Bearer ${token}`
    const response = await this.call(`/api/comments${path}`, { method, headers, body })
    const answer = response.status === 204 ? {} : await response.json()
    const { code, errors = [] } = answer
    const faulty = this.mark(errors)
    if (response.ok) return answer
    // A question that the owner has added has no field in this form.
    this.host.say(faulty ? '' : (this.notices[code] ?? errors[0]?.message ?? this.texts.not_sent), 'bad')
  }

  /** Shows each error beside its field. Returns the first field that has one. */
  mark(errors) {
    const faulty = [...this.form.elements].filter(({ id }) => {
      const error = errors.find(({ path }) => path === id)
      if (id) this.note(id, error?.message, error)
      return error
    })
    for (const input of faulty) input.closest('details')?.setAttribute('open', '')
    faulty[0]?.focus()
    return faulty[0]
  }

  /** Says what was done, and shows the entry as it is now. The list may be a second old. */
  async done(entry, text) {
    const { host, texts } = this
    const { id, status, edited_at } = entry
    this.edit(false)
    this.place.replaceChildren(this.opener)
    host.say(texts[text])
    host.status.focus()
    const old = host.find(id)
    // The list may no longer have it. If it does, the class makes `add` replace it.
    if (status) old?.classList.add('held')
    else old?.remove()
    if (status === 'held') {
      const words = [{ type: 'paragraph', inline: [{ type: 'text', text: entry.body }] }]
      // The API has the reply in another form than the list.
      host.add({ data: [{ ...entry, words, details: [texts.only_you], reply: '', url: '' }] })
    }
    for (let tries = 3; status === 'published' && tries--; ) {
      const page = await host.read()
      if (page.data.some((one) => one.id === id && one.edited_at === edited_at)) return host.add(page)
      await new Promise((next) => setTimeout(next, 900))
    }
  }

  /** The latest token names the entries of the guest in a book, so it shows whether they are known. Storage may be blocked. */
  token(value) {
    try {
      return value ? localStorage.setItem(this.storage, value) : localStorage.getItem(this.storage)
    } catch {}
  }
}
